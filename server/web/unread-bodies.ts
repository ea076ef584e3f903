import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Time for the client to finish sending and read the response, which tells it to close the connection. */
export const LINGER_MS = 30_000;

/**
 * Closes the connection of a request that is answered before its body is complete, for example one rejected by its
 * size. Node would keep the connection, and the unread rest of the body would block the client's next request
 * indefinitely.
 * @param lingerMs how long the rest of the body is read and discarded: a connection that closes with unread bytes is
 * reset, which discards a response that the client has not read yet (RFC 9112, 9.6)
 */
export function closeUnread(request: IncomingMessage, response: ServerResponse, lingerMs = LINGER_MS): void {
  // An aborted request loses its socket.
  const { socket } = request;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...args: [never]) => {
    if (hasBody(request) && !request.complete) {
      response.setHeader("Connection", "close");
      // Node calls it after the last response of a connection is written.
      socket.destroySoon = () => linger(socket, lingerMs);
    }
    return writeHead(...args);
  };
}

/** Without a body, a request is also incomplete while its listener runs. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function linger(socket: Socket, milliseconds: number): void {
  const timer = setTimeout(() => socket.destroy(), milliseconds).unref();
  socket.once("close", () => clearTimeout(timer)).once("end", () => socket.destroy());
  socket.end();
  // Replaces the parser, which pauses the socket when the request is not read. The parser must resume it before it is
  // replaced.
  const discard = () => socket.removeAllListeners("data").on("data", () => {});
  if (socket.isPaused()) socket.once("resume", discard).resume();
  else discard();
}
