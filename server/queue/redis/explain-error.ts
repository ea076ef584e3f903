import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { AppError, CERTIFICATE_CODE, causeCode } from "@/server/lib/errors";

const RETRY_SECONDS = 5;

/** Redis replies that consist only of an error code. */
const REPLIES = [
  ["WRONGTYPE", "queue.wrong_type"],
  ["WRONGPASS", "queue.wrong_password"],
  ["NOAUTH", "queue.no_password"],
  ["LOADING", "queue.loading"],
  ["CLUSTERDOWN", "queue.cluster_down"],
  ["MASTERDOWN", "queue.master_down"],
  ["READONLY", "queue.read_only"],
  ["MISCONF", "queue.cannot_save"],
  ["NOREPLICAS", "queue.too_few_replicas"],
] as const;

/** Returns whether the server does not have the database in REDIS_URL. */
export function isNoDatabase(error: unknown): boolean {
  return error instanceof Error && error.message.includes("DB index is out of range");
}

/** Replies of a server that is running but does not serve any keys yet. */
const UNREADY = /\b(LOADING|CLUSTERDOWN|MASTERDOWN)\b/;

export function isUnready(error: unknown): boolean {
  return error instanceof Error && UNREADY.test(error.message);
}

/** Converts an error reply to an error with the remedy if known. */
export function replyError(text: string): ErrorValue {
  const known = REPLIES.find(([reply]) => text.includes(reply));
  return known ? errorValue(known[1], {}) : errorValue("queue.refused", { text });
}

/** Converts an ioredis error to an error with cause and remedy if known. */
export function redisError(error: unknown): AppError {
  const options = { retryAfter: RETRY_SECONDS, cause: error };
  const text = error instanceof Error ? error.message : String(error);
  const known = REPLIES.find(([reply]) => text.includes(reply));
  if (known) return new AppError(known[1], {}, options);
  if (text.includes("NOPERM")) return new AppError("queue.no_permission", { text }, options);
  if (error instanceof Error && error.name === "ReplyError") return new AppError("queue.refused", { text }, options);
  const code = causeCode(error) ?? "";
  if (CERTIFICATE_CODE.test(code)) return new AppError("queue.certificate", { code }, options);
  return new AppError(code === "ECONNRESET" ? "queue.unreachable_tls" : "queue.unreachable", { text }, options);
}
