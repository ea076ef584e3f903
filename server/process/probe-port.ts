import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { Logger } from "pino";
import { explainListenError } from "@/server/process/listen-error";

/** Monitoring needs a few. */
const MAX_CONNECTIONS = 100;

/** The answer to each path. */
export type ProbeAnswers = Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>>;

interface ProbeAddress {
  /** Undefined: nowhere. */
  readonly port: number | undefined;
  readonly host: string;
  /** The variables that contain them. */
  readonly names: { readonly port: string; readonly host: string };
}

/**
 * Answers reads of some paths without authentication, for probes and monitoring.
 * @throws StartError if the port is in use or not permitted, or the host is not an address of this machine
 */
export async function openProbePort(
  { port, host, names }: ProbeAddress,
  answers: ProbeAnswers,
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  if (port === undefined) return { close: async () => {} };
  const listener: RequestListener = ({ method, url }: IncomingMessage, response) => {
    const answer = method === "GET" || method === "HEAD" ? answers[url?.split("?", 1)[0] ?? ""] : undefined;
    if (answer) void answer(response);
    else response.writeHead(404).end();
  };
  const server = createServer(listener);
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenError(error, port, host, names)));
    server.listen(port, host, resolve);
  });
  log.info({ address: server.address() }, "probes and metrics");
  return {
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
