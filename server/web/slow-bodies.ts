import type { IncomingMessage } from "node:http";

/** A body has to bring so many bytes in so many milliseconds; any connection of this century does. */
export const SLOWEST_BODY = { bytes: 1_000, milliseconds: 30_000 };

export interface SlowBodies {
  /** Watches the body of `request` until it is whole or its connection closes. */
  watch(request: IncomingMessage): void;
  stop(): void;
}

interface Watched {
  /** Bytes that its connection had brought when `since` was set. */
  bytes: number;
  since: number;
}

/**
 * Ends connections whose request body comes slower than `slowest`, as slowloris sends them: each would hold a
 * connection and its memory for ever. Time in which we are the one who is slow, with bytes waiting to be read,
 * does not count.
 */
export function cutSlowBodies(slowest = SLOWEST_BODY): SlowBodies {
  const watched = new Map<IncomingMessage, Watched>();
  const check = () => {
    const now = performance.now();
    for (const [request, state] of watched) {
      const bytes = request.socket.bytesRead;
      // A handler that has no use for the body, as for that of a GET, never reads to its end; one that refuses it has
      // answered, and unread-bodies.ts sees to the rest.
      if (request.complete || request.socket.writableEnded || request.socket.destroyed) watched.delete(request);
      else if (request.readableLength > 0 || bytes - state.bytes >= slowest.bytes) {
        watched.set(request, { bytes, since: now });
      } else if (now - state.since >= slowest.milliseconds) {
        watched.delete(request);
        request.socket.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        request.socket.destroySoon();
      }
    }
  };
  const timer = setInterval(check, slowest.milliseconds / 6).unref();
  return {
    watch: (request) => {
      watched.set(request, { bytes: request.socket.bytesRead, since: performance.now() });
      const forget = () => watched.delete(request);
      request.once("end", forget).once("close", forget);
    },
    stop: () => clearInterval(timer),
  };
}
