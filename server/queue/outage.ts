import { databaseTrouble, isQueueUnavailable } from "@/server/lib/errors";

/** Whether an attempt failed for a reason that no event of it has caused, so that the same again may succeed later. */
export function isOutage(error: unknown): boolean {
  return isQueueUnavailable(error) || databaseTrouble(error) !== undefined;
}

/** In the words of the queue's store, why it serves nothing; null where it did not answer. */
export function refusalOf(error: unknown): string | null {
  const cause = isQueueUnavailable(error) ? error.cause : undefined;
  if (!(cause instanceof Error)) return null;
  // Of a cluster, ioredis reports the last reply inside an error of its own.
  return cause.name === "ReplyError" || cause.message.includes("ReplyError") ? cause.message : null;
}

/** Whether the queue's store answers, but its key there is no queue. */
export function isWrongType(error: unknown): boolean {
  return isQueueUnavailable(error) && error.code === "queue.wrong_type";
}
