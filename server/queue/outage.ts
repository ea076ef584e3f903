import { databaseFailureOf, isQueueUnavailable } from "@/server/lib/errors";

/** Returns whether an attempt failed for a reason unrelated to its events, so that a retry may succeed. */
export function isOutage(error: unknown): boolean {
  return isQueueUnavailable(error) || databaseFailureOf(error) !== undefined;
}

/** Returns whether an attempt lost its connection to PostgreSQL: by an outage, or because its events end it. */
export function isConnectionLost(error: unknown): boolean {
  return databaseFailureOf(error) === "unreachable";
}

/** Returns the store's own message if it responds but serves no requests; null if it did not respond. */
export function refusalOf(error: unknown): string | null {
  const cause = isQueueUnavailable(error) ? error.cause : undefined;
  if (!(cause instanceof Error)) return null;
  // For a cluster, ioredis wraps the last reply in its own error.
  return cause.name === "ReplyError" || cause.message.includes("ReplyError") ? cause.message : null;
}

/** Returns whether the queue's store responds, but the queue's key has the wrong type. */
export function isWrongType(error: unknown): boolean {
  return isQueueUnavailable(error) && error.code === "queue.wrong_type";
}
