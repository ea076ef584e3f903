import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { IpBlock } from "@/server/lib/ip";
import { within } from "@/server/lib/within";
import { explainListenError } from "@/server/process/listen-error";
import { clientAddress } from "./client-address";
import { limitConnections } from "./connections";
import { closeSlowBodies, MIN_BODY_RATE } from "./slow-bodies";
import { closeUnread, LINGER_MS } from "./unread-bodies";

/** Longer than the idle timeout of common proxies, which otherwise send into a closing connection. */
const KEEP_ALIVE_MS = 65_000;
/** For the headers of a request; a browser needs one round trip. */
const HEADERS_MS = 20_000;
/** Our own requests have about twenty. */
const MAX_HEADERS = 100;

interface ListenOptions {
  /** Proxies whose X-Forwarded-For is trusted. */
  readonly trustedProxies?: readonly IpBlock[];
  /** Prepares each request and response before other handlers. */
  readonly prepare?: RequestListener;
  /** Answers a request also before the handler is set. Returns false for requests that the handler answers. */
  readonly answerProbe?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Maximum connections per IP address; 0 for no limit. */
  readonly connectionsPerAddress?: number;
  readonly slowestBody?: typeof MIN_BODY_RATE;
  readonly headersMs?: number;
  readonly lingerMs?: number;
}

export interface HttpServer {
  readonly server: Server;
  /** Sets the request handler. Until then, requests are answered with 503. */
  handle(listener: RequestListener): void;
  /** Closes each connection after its current request or the next, so that clients connect elsewhere. */
  drain(): void;
  /** Stops accepting connections, ends event streams, and waits for other requests, up to `finishMs`. */
  stop(finishMs: number): Promise<void>;
}

/**
 * Listens on host and port. X-Forwarded-For of each request is replaced by the client's IP address. A connection is
 * closed if headers or a body arrive too slowly, or if a response is sent before the body is complete.
 * @throws StartError if the port is in use or not permitted, or the host is not an address of this machine
 */
export async function listen(
  port: number,
  host: string,
  {
    trustedProxies = [],
    prepare = () => {},
    answerProbe = () => false,
    connectionsPerAddress = 0,
    slowestBody = MIN_BODY_RATE,
    headersMs = HEADERS_MS,
    lingerMs = LINGER_MS,
  }: ListenOptions = {},
): Promise<HttpServer> {
  let listener: RequestListener = answerNotReady;
  const open = new Map<ServerResponse, IncomingMessage>();
  let isDraining = false;
  const slowBodies = closeSlowBodies(slowestBody);
  const server = createServer(
    // An upload of any size may take any time while data arrives.
    { headersTimeout: headersMs, requestTimeout: 0, connectionsCheckingInterval: Math.min(headersMs, 5_000) },
    (request, response) => {
      open.set(response, request);
      response.once("close", () => open.delete(response));
      if (isDraining) closeAfter(response);
      slowBodies.watch(request);
      closeUnread(request, response, lingerMs);
      if (request.rawHeaders.length > 2 * MAX_HEADERS) return answerTooManyHeaders(response);
      request.headers["x-forwarded-for"] = clientAddress(request, trustedProxies);
      prepare(request, response);
      if (!answerProbe(request, response)) listener(request, response);
    },
  );
  // Node.js would drop headers over a limit and thereby change the meaning of the request. Their total size is limited.
  server.maxHeadersCount = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  limitConnections(server, connectionsPerAddress, trustedProxies);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenError(error, port, host, { port: "PORT", host: "HOST" })));
    server.listen(port, host, resolve);
  });
  return {
    server,
    handle: (next) => {
      listener = next;
    },
    drain: () => {
      isDraining = true;
      for (const response of open.keys()) closeAfter(response);
    },
    stop: async (finishMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const end = Date.now() + finishMs;
      while (open.size > 0 && Date.now() < end) {
        for (const [response, request] of open) {
          if (!isEventStream(request) || !response.headersSent) continue;
          // A complete response, so that neither a proxy nor a browser reports an error.
          response.end();
          // Compression suppresses the response's "close" event.
          open.delete(response);
        }
        await within(closed, 50);
      }
      server.closeAllConnections();
      slowBodies.stop();
      await closed;
    },
  };
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}

/** Sent by every EventSource, which reconnects automatically when the server is available again. */
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
