import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { BlockList } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "@/server/process/start-error";
import { clientAddress } from "./client-address";
import { limitConnections } from "./connections";
import { cutSlowBodies, SLOWEST_BODY } from "./slow-bodies";
import { closeUnread, LINGER_MS } from "./unread-bodies";

/** Under the 10 seconds that a stop may take. */
const FINISH_MS = 8_000;
/** Longer than the idle time of common proxies, or they send into a connection that is closing. */
const KEEP_ALIVE_MS = 65_000;
/** For the headers of a request; a browser needs one round trip. */
const HEADERS_MS = 20_000;
/** Ours are some twenty. */
const MAX_HEADERS = 100;

interface ListenOptions {
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies?: BlockList;
  /** Prepares each request and its answer before anybody else sees them. */
  readonly prepare?: RequestListener;
  /** Connections that one address may hold; 0 for any number. */
  readonly connectionsPerAddress?: number;
  readonly slowestBody?: typeof SLOWEST_BODY;
  readonly headersMs?: number;
  readonly lingerMs?: number;
}

export interface HttpServer {
  readonly server: Server;
  /** Until it is called, requests are answered with 503. */
  handle(listener: RequestListener): void;
  /** Stops accepting, ends event streams, and lets the other requests finish for up to 8 seconds. */
  stop(): Promise<void>;
}

/**
 * Listens on host and port. The header X-Forwarded-For of each request becomes the client's address.
 * Headers and bodies that come too slowly end their connection, and so does an answer that did not wait for the body.
 * @throws StartError when the port is in use or not ours to take, or the host is not this machine's
 */
export async function listen(
  port: number,
  host: string,
  {
    trustedProxies = new BlockList(),
    prepare = () => {},
    connectionsPerAddress = 0,
    slowestBody = SLOWEST_BODY,
    headersMs = HEADERS_MS,
    lingerMs = LINGER_MS,
  }: ListenOptions = {},
): Promise<HttpServer> {
  let listener: RequestListener = answerNotReady;
  const open = new Map<ServerResponse, IncomingMessage>();
  const slowBodies = cutSlowBodies(slowestBody);
  const server = createServer(
    // An upload of any size may take any time, as long as it comes.
    { headersTimeout: headersMs, requestTimeout: 0, connectionsCheckingInterval: Math.min(headersMs, 5_000) },
    (request, response) => {
      open.set(response, request);
      response.once("close", () => open.delete(response));
      slowBodies.watch(request);
      closeUnread(request, response, lingerMs);
      if (request.rawHeaders.length > 2 * MAX_HEADERS) return answerTooManyHeaders(response);
      request.headers["x-forwarded-for"] = clientAddress(request, trustedProxies);
      prepare(request, response);
      listener(request, response);
    },
  );
  // Node.js would leave out those over a number, and the request would mean something else. Their bytes have a limit.
  server.maxHeadersCount = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  limitConnections(server, connectionsPerAddress, trustedProxies);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenError(error, port, host)));
    server.listen(port, host, resolve);
  });
  return {
    server,
    handle: (next) => {
      listener = next;
    },
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const end = Date.now() + FINISH_MS;
      while (open.size > 0 && Date.now() < end) {
        for (const [response, request] of open) {
          if (!isEventStream(request)) continue;
          // Compression swallows the response's "close".
          response.destroy();
          open.delete(response);
        }
        await Promise.race([closed, sleep(50)]);
      }
      server.closeAllConnections();
      slowBodies.stop();
      await closed;
    },
  };
}

/** As every EventSource asks; it connects again by itself once the server is back. */
function isEventStream(request: IncomingMessage): boolean {
  return request.headers.accept === "text/event-stream";
}

function answerNotReady(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(503, { "retry-after": "2", "content-type": "text/plain" }).end("Starting.\n");
}

function answerTooManyHeaders(response: ServerResponse): void {
  const detail = `A request may have at most ${MAX_HEADERS} header fields.`;
  const problem = { type: "about:blank", title: "Too many header fields", status: 431, detail, errors: [] };
  response.writeHead(431, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
}

function explainListenError(error: Error, port: number, host: string): Error {
  const code = "code" in error ? error.code : undefined;
  const address = `${host}:${port}`;
  if (code === "EADDRINUSE") {
    return new StartError(`Port ${port} on ${host} is in use. Stop what runs there, or set PORT to another one.`);
  }
  if (code === "EACCES") {
    return new StartError(`This user may not listen on ${address}. Set PORT to 1024 or above.`);
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new StartError(`HOST is "${host}", which is not an address of this machine.`);
  }
  return error;
}
