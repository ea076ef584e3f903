import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Taken {
  readonly event: string;
  readonly message: string;
  readonly alert: { readonly rule: string; readonly subject: string };
}

export interface Receiver {
  readonly url: string;
  /** The JSON bodies in the order of arrival. */
  readonly taken: Taken[];
  /** The requests as text with path and headers. */
  readonly requests: {
    readonly path: string;
    readonly body: string;
    readonly signature: string | undefined;
    readonly idempotencyKey: string | undefined;
  }[];
  /** The response to subsequent requests. */
  answer: { status: number; body: string; headers?: Record<string, string> };
  close(): Promise<void>;
}

/** Starts a server for webhook messages on the loopback address. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk;
    });
    request.on("end", () => {
      const signature = request.headers["x-signature-256"];
      const idempotencyKey = request.headers["idempotency-key"];
      receiver.requests.push({
        path: request.url ?? "",
        body,
        signature: String(signature),
        idempotencyKey: String(idempotencyKey),
      });
      const { status, headers, body: answer } = receiver.answer;
      if (status === 200) receiver.taken.push(JSON.parse(body));
      response.writeHead(status, headers);
      response.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook?token=secret-token`,
    taken: [],
    requests: [],
    answer: { status: 200, body: '{"errcode":0,"code":0}' },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
