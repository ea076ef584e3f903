import type { IncomingMessage } from "node:http";

/** The minimum rate of a request body. Any working connection exceeds it. */
export const MIN_BODY_RATE = { bytes: 1_000, milliseconds: 30_000 };

export interface SlowBodies {
  /** Monitors the body of `request` until it is complete or its connection closes. */
  watch(request: IncomingMessage): void;
  stop(): void;
}

interface Watched {
  /** Bytes that the connection had received at `since`. */
  bytes: number;
  since: number;
}

/**
 * Closes connections whose request body arrives slower than `slowest`. In a slowloris attack, each would occupy a
 * connection and its memory indefinitely. Time during which the server is the slow side does not count: with unread
 * bytes waiting, or while this process is stopped.
 */
export function closeSlowBodies(slowest = MIN_BODY_RATE): SlowBodies {
  const watched = new Map<IncomingMessage, Watched>();
  const interval = slowest.milliseconds / 6;
  let checkedAt = performance.now();
  const check = () => {
    const now = performance.now();
    const wasStopped = now - checkedAt > 2 * interval;
    checkedAt = now;
    for (const [request, state] of watched) {
      const bytes = request.socket.bytesRead;
      // A handler that ignores the body, such as for GET, never reads it to its end. One that rejects it has responded,
      // and unread-bodies.ts closes the connection.
      if (request.complete || request.socket.writableEnded || request.socket.destroyed) watched.delete(request);
      else if (wasStopped || request.readableLength > 0 || bytes - state.bytes >= slowest.bytes) {
        watched.set(request, { bytes, since: now });
      } else if (now - state.since >= slowest.milliseconds) {
        watched.delete(request);
        request.socket.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        request.socket.destroySoon();
      }
    }
  };
  const timer = setInterval(check, interval).unref();
  return {
    watch: (request) => {
      watched.set(request, { bytes: request.socket.bytesRead, since: performance.now() });
      const forget = () => watched.delete(request);
      request.once("end", forget).once("close", forget);
    },
    stop: () => clearInterval(timer),
  };
}
