import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isPublicAddress, literalHost, PrivateAddressError, publicLookup } from "./address";
import type { Outgoing } from "./formats";

const TIMEOUT_MS = 10_000;
/** Answers are a line of JSON. */
const MOST_BYTES = 64 * 1024;

/**
 * Sends one POST. Redirects are not followed: they could lead anywhere.
 * @param options.allowPrivate whether it may go to a loopback or private address
 * @throws PrivateAddressError, or what the connection failed with
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
      reject(timeout.aborted ? new Error(`no answer in ${TIMEOUT_MS / 1_000} s`, { cause: error }) : error);
    });
    outgoing.once("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MOST_BYTES) chunks.push(chunk);
        else response.destroy();
      });
      response.once("error", reject);
      response.once("close", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.end(body);
  });
}
