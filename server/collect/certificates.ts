import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type Server } from "node:tls";
import type { Logger } from "pino";
import type { Config } from "@/server/process/config";
import { StartError } from "@/server/process/start-error";

const CHECK_MS = 60_000;

type Files = Config["collect"]["tls"];

/**
 * Reads the certificate, its key and the CA of the clients.
 * @throws StartError if a file cannot be read, or they do not belong together
 */
export async function readCertificates(files: Files): Promise<SecureContextOptions> {
  const options: SecureContextOptions = {
    cert: await readNamed("COLLECT_TLS_CERT", files.cert),
    key: await readNamed("COLLECT_TLS_KEY", files.key),
    ca: files.clientCa === undefined ? undefined : await readNamed("COLLECT_TLS_CLIENT_CA", files.clientCa),
    minVersion: "TLSv1.2",
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new StartError(
      "COLLECT_TLS_CERT, COLLECT_TLS_KEY and COLLECT_TLS_CLIENT_CA must be PEM files, and the key that of the certificate.",
      { cause: error },
    );
  }
  return options;
}

async function readNamed(name: string, file: string | undefined): Promise<Buffer> {
  try {
    return await readFile(file ?? "");
  } catch (error) {
    throw new StartError(`${name} is "${file ?? ""}", which cannot be read.`, { cause: error });
  }
}

/**
 * Uses renewed certificates for new connections within a minute.
 * @returns a function that stops it
 */
export function followCertificates(server: Server, files: Files, current: SecureContextOptions, log: Logger) {
  let used = contentsOf(current);
  let isReported = false;
  const timer = setInterval(async () => {
    try {
      const options = await readCertificates(files);
      if (contentsOf(options) !== used) {
        server.setSecureContext(options);
        used = contentsOf(options);
        log.info("the certificate was renewed");
      }
      isReported = false;
    } catch (error) {
      // Half-written files are read again.
      if (!isReported) log.warn({ err: error }, "the certificate could not be read again; the previous one is used");
      isReported = true;
    }
  }, CHECK_MS);
  return () => clearInterval(timer);
}

function contentsOf({ cert, key, ca }: SecureContextOptions): string {
  return [cert, key, ca].map(String).join("\n");
}
