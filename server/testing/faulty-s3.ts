import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a client experiences: a stopped server, an overloaded one, one that rejects new data, a slow one. */
export type S3Fault = "none" | "stopped" | "overloaded" | "full" | { readonly delayMs: number };

export interface FaultyS3 {
  /** The value of FILES_URL. */
  readonly url: string;
  /** Applies to the following requests; `stopped` also cuts those in progress. */
  set(fault: S3Fault): void;
  close(): Promise<void>;
}

const REPLIES = {
  overloaded: [503, "SlowDown"],
  full: [507, "InsufficientStorage"],
} as const;

/** Starts a proxy for the object store of `filesUrl` on the loopback address. */
export async function startFaultyS3(filesUrl: string): Promise<FaultyS3> {
  const url = new URL(filesUrl);
  const upstream = new URL(url.searchParams.get("endpoint") ?? "");
  let fault: S3Fault = "none";
  const open = new Set<IncomingMessage>();
  const server = createServer((incoming, response) => {
    open.add(incoming);
    response.once("close", () => open.delete(incoming));
    void answer(incoming, response);
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (fault === "stopped") return void incoming.destroy();
    if (fault === "overloaded" || (fault === "full" && isWrite(incoming))) {
      const [status, code] = REPLIES[fault];
      incoming.resume();
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
      return;
    }
    if (typeof fault === "object") await sleep(fault.delayMs);
    forward(incoming, response);
  }

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { expect: _expect, ...headers } = incoming.headers;
    const options = { host: upstream.hostname, port: upstream.port, path: incoming.url, method: incoming.method };
    const outgoing = request({ ...options, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.rawHeaders);
      reply.pipe(response);
      reply.once("error", () => response.destroy());
    });
    outgoing.once("error", () => response.destroy());
    incoming.once("error", () => outgoing.destroy());
    response.once("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  url.searchParams.set("endpoint", `http://127.0.0.1:${port}`);
  return {
    url: url.href,
    set: (next) => {
      fault = next;
      if (next === "stopped") for (const incoming of open) incoming.destroy();
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function isWrite({ method }: IncomingMessage): boolean {
  return method === "PUT" || method === "POST";
}
