import { causeCode, isDatabaseAway, isDatabaseFull, isQueueAway } from "@/server/errors";

/**
 * SQLSTATE classes of what ails the server, not the values that it was given: connection (08), transaction state (25:
 * read-only, ended for idleness), rollback (40: deadlock, serialization), resources (53), locks (55), operator (57),
 * system (58).
 */
const SERVER_CLASSES = /^(08|25|40|53|55|57|58)/;

/** Whether an attempt failed for a reason that no event of it has caused, so that the same again may succeed later. */
export function isOutage(error: unknown): boolean {
  return (
    isQueueAway(error) || isDatabaseAway(error) || isDatabaseFull(error) || SERVER_CLASSES.test(causeCode(error) ?? "")
  );
}

/** Whether the queue's store answers, but its key there is no queue. */
export function isWrongType(error: unknown): boolean {
  return isQueueAway(error) && error.cause instanceof Error && error.cause.message.includes("WRONGTYPE");
}
