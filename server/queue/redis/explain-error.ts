import { CERTIFICATE_CODE, causeCode } from "@/server/lib/errors";

/** What is behind Redis's replies that say no more than a code, and what to do. */
const REPLIES: readonly (readonly [string, string])[] = [
  [
    "WRONGTYPE",
    "The queue's key in Redis is no list (WRONGTYPE), so that no event comes in or out; rename or delete that key.",
  ],
  ["WRONGPASS", "Redis rejects the user or password in REDIS_URL (WRONGPASS). Correct it."],
  ["NOAUTH", "Redis requires a password, and REDIS_URL has none (NOAUTH). Add it as redis://:PASSWORD@HOST."],
  ["LOADING", "Redis is loading its data (LOADING) and serves no command until it is done."],
  [
    "CLUSTERDOWN",
    "The Redis Cluster does not serve all slots (CLUSTERDOWN). See CLUSTER INFO; start the missing nodes, or assign their slots.",
  ],
  [
    "MASTERDOWN",
    "Redis is a replica that has lost its master (MASTERDOWN). Start the master, or change REDIS_URL to the current one.",
  ],
  ["READONLY", "Redis is a read-only replica (READONLY). Change REDIS_URL to the master."],
  ["MISCONF", "Redis cannot save its data, and therefore accepts no writes (MISCONF). Check its disk and its own log."],
  [
    "NOREPLICAS",
    "Redis has too few replicas to accept writes (NOREPLICAS). Start them, or lower min-replicas-to-write.",
  ],
];

/** Replies of a server that is up and serves no key at all: no client becomes ready on it. */
const UNREADY = /\b(LOADING|CLUSTERDOWN|MASTERDOWN)\b/;

export function isUnready(error: unknown): boolean {
  return error instanceof Error && UNREADY.test(error.message);
}

/** A line about the reply that begins with an error code, with its remedy where that is known. */
export function explainReply(text: string): string {
  return REPLIES.find(([code]) => text.includes(code))?.[1] ?? `Redis refuses: ${text}`;
}

/** A line about an error of ioredis, with cause and remedy where both are known. Up to the first `:` or `(` it is the same each time. */
export function explainRedisError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (REPLIES.some(([code]) => text.includes(code))) return explainReply(text);
  if (text.includes("NOPERM")) {
    return `Redis does not permit the user in REDIS_URL what the queue needs (${text}). Extend its ACL.`;
  }
  if (error instanceof Error && error.name === "ReplyError") return explainReply(text);
  const code = causeCode(error) ?? "";
  if (CERTIFICATE_CODE.test(code)) {
    return `The certificate of Redis is not accepted (${code}). Set NODE_EXTRA_CA_CERTS to the file of its authority, or use the name in the certificate.`;
  }
  const hint = code === "ECONNRESET" ? " (where it wants TLS, REDIS_URL begins with rediss://)" : "";
  return `Redis cannot be reached: ${text}${hint}`;
}
