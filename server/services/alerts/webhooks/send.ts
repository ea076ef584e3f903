import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { AppError, causeCode } from "@/server/lib/errors";
import { isPublicAddress, literalHost, privateAddress, publicLookup } from "./address";
import type { Outgoing } from "./formats";

const TIMEOUT_MS = 10_000;
/** Services respond with one line of JSON. */
const MAX_BYTES = 64 * 1024;

/**
 * Sends one POST request. Redirects are not followed, since they could lead to any address.
 * @param options.allowPrivate whether loopback and private addresses are allowed
 * @throws AppError webhook.* for known causes; else any error
 */
export async function sendRequest(
  { url, body, headers }: Outgoing,
  options: { allowPrivate: boolean; signal?: AbortSignal },
): Promise<{ status: number; body: string }> {
  const target = new URL(url);
  const literal = literalHost(target);
  if (!options.allowPrivate && literal !== null && !isPublicAddress(literal)) throw privateAddress(literal);
  const send = target.protocol === "https:" ? requestHttps : requestHttp;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  return await new Promise((resolve, reject) => {
    const outgoing = send(target, {
      method: "POST",
      headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
      // A pooled connection would have been checked for another request.
      agent: false,
      lookup: options.allowPrivate ? undefined : publicLookup,
      signal,
    });
    outgoing.once("error", (error) => {
      reject(timeout.aborted ? timedOut(error) : withKnownCode(error));
    });
    outgoing.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) chunks.push(chunk);
        else response.destroy();
      });
      response.once("error", (error) => reject(timeout.aborted ? timedOut(error) : withKnownCode(error)));
      response.once("close", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.end(body);
  });
}

function timedOut(cause: Error): AppError {
  return new AppError("webhook.no_answer", { seconds: TIMEOUT_MS / 1_000 }, { cause });
}

const REASONS: Readonly<Record<string, `webhook.${"unknown_host" | "no_lookup" | "unreachable" | "refused" | "cut"}`>> =
  {
    ENOTFOUND: "webhook.unknown_host",
    EAI_AGAIN: "webhook.no_lookup",
    EHOSTUNREACH: "webhook.unreachable",
    ENETUNREACH: "webhook.unreachable",
    ETIMEDOUT: "webhook.unreachable",
    ECONNREFUSED: "webhook.refused",
    ECONNRESET: "webhook.cut",
    EPIPE: "webhook.cut",
  };

function withKnownCode(cause: Error): Error {
  const code = causeCode(cause) ?? "";
  // Errors of the connection rather than of the host's certificate: no TLS, or a client certificate is required.
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return new AppError("webhook.tls", { code }, { cause });
  if (/CERT|UNABLE_TO_/.test(code)) return new AppError("webhook.certificate", { code }, { cause });
  const reason = REASONS[code];
  return reason ? new AppError(reason, {}, { cause }) : cause;
}
