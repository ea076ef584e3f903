import { CERTIFICATE_CODE, causeCode } from "@/server/lib/errors";

/** What is behind Redis's replies that say no more than a code, and what to do. */
const REPLIES: readonly (readonly [string, string])[] = [
  [
    "WRONGTYPE",
    "The queue's key in Redis is no list (WRONGTYPE), so that no event comes in or out; rename or delete that key.",
  ],
  ["WRONGPASS", "Redis rejects the user or password in REDIS_URL (WRONGPASS). Correct it."],
  ["NOAUTH", "Redis requires a password, and REDIS_URL has none (NOAUTH). Add it as redis://:PASSWORD@HOST."],
];

/** A line about an error of ioredis, with cause and remedy where both are known. Up to the first `:` or `(` it is the same each time. */
export function explainRedisError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const known = REPLIES.find(([code]) => text.includes(code));
  if (known) return known[1];
  if (text.includes("NOPERM")) {
    return `Redis does not permit the user in REDIS_URL what the queue needs (${text}). Extend its ACL.`;
  }
  if (error instanceof Error && error.name === "ReplyError") return `Redis refuses: ${text}`;
  const code = causeCode(error) ?? "";
  if (CERTIFICATE_CODE.test(code)) {
    return `The certificate of Redis is not accepted (${code}). Set NODE_EXTRA_CA_CERTS to the file of its authority, or use the name in the certificate.`;
  }
  const hint = code === "ECONNRESET" ? " (where it wants TLS, REDIS_URL begins with rediss://)" : "";
  return `Redis cannot be reached: ${text}${hint}`;
}
