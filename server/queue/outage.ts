import { databaseTrouble, isQueueAway } from "@/server/lib/errors";

/** Whether an attempt failed for a reason that no event of it has caused, so that the same again may succeed later. */
export function isOutage(error: unknown): boolean {
  return isQueueAway(error) || databaseTrouble(error) !== undefined;
}

/** Whether the queue's store answers, but its key there is no queue. */
export function isWrongType(error: unknown): boolean {
  return isQueueAway(error) && error.cause instanceof Error && error.cause.message.includes("WRONGTYPE");
}
