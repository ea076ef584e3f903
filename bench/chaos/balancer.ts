import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** As often as common load balancers check at most; they need up to three negative answers. */
const CHECK_MS = 500;
const NEGATIVE_ANSWERS = 2;

export interface Balancer {
  readonly url: string;
  /** Returns whether requests are sent to this backend. */
  isUsed(url: string): boolean;
  close(): Promise<void>;
}

interface Backend {
  readonly url: URL;
  readonly agent: Agent;
  negatives: number;
}

/**
 * A minimal load balancer: sends each request to the next backend that is ready, over connections that it keeps open,
 * and repeats none. A request that fails is answered with 502.
 */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  const stop = new AbortController();
  const backends = urls.map(
    (url): Backend => ({ url: new URL(url), agent: new Agent({ keepAlive: true }), negatives: NEGATIVE_ANSWERS }),
  );
  let next = 0;

  const check = async (backend: Backend) => {
    while (!stop.signal.aborted) {
      const isReady = await fetch(new URL("/api/health/ready", backend.url), {
        signal: AbortSignal.timeout(5_000),
      }).then(
        ({ status }) => status === 200,
        () => false,
      );
      backend.negatives = isReady ? 0 : backend.negatives + 1;
      await sleep(CHECK_MS, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const checks = backends.map(check);

  const server = createServer((incoming, response) => {
    const ready = backends.filter(isUsed);
    const backend = ready[next++ % ready.length];
    if (backend) forward(backend, incoming, response);
    else fail(response, "no backend is ready");
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isUsed: (url) => backends.some((backend) => backend.url.href === new URL(url).href && isUsed(backend)),
    close: async () => {
      stop.abort();
      server.closeAllConnections();
      server.close();
      for (const { agent } of backends) agent.destroy();
      await Promise.all(checks);
    },
  };
}

const isUsed = ({ negatives }: Backend) => negatives < NEGATIVE_ANSWERS;

function forward({ url, agent }: Backend, incoming: IncomingMessage, response: ServerResponse): void {
  const { connection: _connection, ...headers } = incoming.headers;
  const options = { host: url.hostname, port: url.port, path: incoming.url, method: incoming.method, headers, agent };
  const outgoing = request(options, (reply) => {
    const { connection: _close, ...replied } = reply.headers;
    response.writeHead(reply.statusCode ?? 502, replied);
    reply.pipe(response);
    reply.once("error", () => response.destroy());
  });
  outgoing.once("error", (error) => (response.headersSent ? response.destroy() : fail(response, error.message)));
  response.once("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function fail(response: ServerResponse, reason: string): void {
  response.writeHead(502, { "content-type": "text/plain" }).end(reason);
}
