import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type WebhookProblem, webhookProblemText } from "@/server/catalog/webhook-problem";
import { causeCode } from "@/server/lib/errors";
import { isPublicAddress, literalHost, PrivateAddressError, publicLookup } from "./address";
import type { Outgoing } from "./formats";

const TIMEOUT_MS = 10_000;
/** Responses are a line of JSON. */
const MAX_BYTES = 64 * 1024;

/**
 * Sends one POST request. Redirects are not followed, since they could lead to any address.
 * @param options.allowPrivate whether loopback and private addresses are allowed
 * @throws Error with the reason, with a message of the catalog for known causes
 */
export async function sendRequest(
  { url, body, headers }: Outgoing,
  options: { allowPrivate: boolean; signal?: AbortSignal },
): Promise<{ status: number; body: string }> {
  const target = new URL(url);
  const literal = literalHost(target);
  if (!options.allowPrivate && literal !== null && !isPublicAddress(literal)) throw new PrivateAddressError(literal);
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
      reject(timeout.aborted ? timedOut(error) : knownMessage(error));
    });
    outgoing.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) chunks.push(chunk);
        else response.destroy();
      });
      response.once("error", (error) => reject(timeout.aborted ? timedOut(error) : knownMessage(error)));
      response.once("close", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.end(body);
  });
}

function timedOut(cause: Error): Error {
  return new Error(webhookProblemText("no_answer", { seconds: TIMEOUT_MS / 1_000 }), { cause });
}

const MESSAGES: Readonly<Record<string, WebhookProblem>> = {
  ENOTFOUND: "unknown_host",
  EAI_AGAIN: "no_lookup",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  ECONNREFUSED: "refused",
  ECONNRESET: "cut",
  EPIPE: "cut",
};

function knownMessage(error: Error): Error {
  const code = causeCode(error) ?? "";
  const problem = problemOf(code);
  return problem ? new Error(webhookProblemText(problem, { code }), { cause: error }) : error;
}

function problemOf(code: string): WebhookProblem | undefined {
  // Errors of the connection rather than the host's certificate: a port without TLS, or a server that requires a client
  // certificate.
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return "tls";
  return /CERT|UNABLE_TO_/.test(code) ? "certificate" : MESSAGES[code];
}
