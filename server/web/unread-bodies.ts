import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Long enough to send what is on its way and read the answer; the answer tells to stop. */
export const LINGER_MS = 30_000;

/**
 * Ends the connection of a request that is answered before its body is whole, such as one refused by its size.
 * Node would keep the connection: what is left of a body that was begun to be read stays in it, and the client's
 * next request behind that waits for ever.
 * @param lingerMs how long the rest of the body is taken in and thrown away: a connection that closes on unread
 * bytes is reset, and with it goes an answer that the client has not read yet (RFC 9112, 9.6)
 */
export function closeUnread(request: IncomingMessage, response: ServerResponse, lingerMs = LINGER_MS): void {
  // A request loses it when it is given up in the middle.
  const { socket } = request;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...args: [never]) => {
    if (hasBody(request) && !request.complete) {
      response.setHeader("Connection", "close");
      // Node calls it once the last answer of a connection is written.
      socket.destroySoon = () => linger(socket, lingerMs);
    }
    return writeHead(...args);
  };
}

/** One without is not complete either while its listener runs. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function linger(socket: Socket, milliseconds: number): void {
  const timer = setTimeout(() => socket.destroy(), milliseconds).unref();
  socket.once("close", () => clearTimeout(timer)).once("end", () => socket.destroy());
  socket.end();
  // In place of the parser, which stops the socket when nobody reads the request. The parser has to start it again
  // before it is replaced.
  const discard = () => socket.removeAllListeners("data").on("data", () => {});
  if (socket.isPaused()) socket.once("resume", discard).resume();
  else discard();
}
