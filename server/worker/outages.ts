import type { Logger } from "pino";
import type { LogTableName } from "@/server/catalog";
import { isDatabaseAway, isDatabaseFull, isQueueAway } from "@/server/errors";

/** Tells outages from faults, and writes one line for each outage and one for its end. */
export function makeOutageLog(log: Logger) {
  const current = new Map<LogTableName, string>();
  return {
    /** @returns whether `error` is an outage; what else it may be is for the caller to report */
    isOutage(queue: LogTableName, error: unknown): boolean {
      const outage = describeOutage(error);
      if (!outage) return false;
      const known = [...current.values()].includes(outage);
      current.set(queue, outage);
      if (!known) log.warn(`${outage}; nothing is claimed until that changes`);
      return true;
    },
    worked(queue: LogTableName): void {
      const outage = current.get(queue);
      if (!outage) return;
      current.delete(queue);
      if (![...current.values()].includes(outage)) log.info(`over: ${outage}`);
    },
  };
}

/** The part of the message that stays the same from one attempt to the next. */
function describeOutage(error: unknown): string | undefined {
  if (isQueueAway(error)) return error.message.split(":")[0];
  if (isDatabaseFull(error)) return "the database's disk is full";
  return isDatabaseAway(error) ? "PostgreSQL cannot be reached" : undefined;
}
