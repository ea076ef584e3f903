import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Logger } from "pino";
import type { Config } from "@/server/process/config";
import { explainListenError } from "@/server/process/listen-error";
import { followCertificates, readCertificates } from "./certificates";

const HANDSHAKE_MS = 10_000;
/** Connections that are not accepted yet, such as those within a TLS handshake. */
const MAX_PENDING = 100;
/** Bytes that Node.js reads ahead of the messages that are stored. */
const READ_AHEAD = 64 * 1024;

export interface Listeners {
  /** Whether each listener is open. */
  state(): Readonly<Record<"tcp" | "tls", boolean | undefined>>;
  /** The ports that are open. */
  ports(): Readonly<Record<"tcp" | "tls", number | undefined>>;
  /** Accepts no more connections. */
  close(): void;
}

/**
 * Listens for syslog over TCP and TLS, as configured.
 * @throws StartError if a port or a certificate cannot be used
 */
export async function openListeners(
  { port, tlsPort, host, tls, maxConnections }: Config["collect"],
  accept: (socket: Socket) => void,
  log: Logger,
): Promise<Listeners> {
  let tcp: Server | undefined;
  let secure: Server | undefined;
  let stopFollowing = () => {};
  const close = () => {
    stopFollowing();
    tcp?.close();
    secure?.close();
  };
  try {
    if (port !== undefined) {
      tcp = createServer({ highWaterMark: READ_AHEAD, allowHalfOpen: true }, accept);
      tcp.maxConnections = maxConnections + MAX_PENDING;
      await listen(tcp, port, host, "COLLECT_PORT");
      log.info({ address: tcp.address() }, "syslog over TCP");
    }
    if (tlsPort !== undefined) {
      const certificates = await readCertificates(tls);
      const server = createTlsServer(
        {
          ...certificates,
          requestCert: tls.clientCa !== undefined,
          rejectUnauthorized: tls.clientCa !== undefined,
          handshakeTimeout: HANDSHAKE_MS,
          highWaterMark: READ_AHEAD,
          allowHalfOpen: true,
        },
        accept,
      );
      server.on("tlsClientError", (error) => log.debug({ err: error }, "TLS handshake failed"));
      server.maxConnections = maxConnections + MAX_PENDING;
      secure = server;
      stopFollowing = followCertificates(server, tls, certificates, log);
      await listen(server, tlsPort, host, "COLLECT_TLS_PORT");
      log.info({ address: server.address() }, "syslog over TLS");
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    state: () => ({ tcp: tcp?.listening, tls: secure?.listening }),
    ports: () => ({ tcp: portOf(tcp), tls: portOf(secure) }),
    close,
  };
}

async function listen(server: Server, port: number, host: string, name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(explainListenError(error, port, host, { port: name, host: "COLLECT_HOST" })),
    );
    server.listen(port, host, resolve);
  });
  // Errors of accepting a connection, such as too many open files, do not close the listener.
  server.on("error", () => {});
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === "object" ? address?.port : undefined;
}
