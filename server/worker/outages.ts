import type { Logger } from "pino";
import type { LogTableName } from "@/server/catalog";
import { causeCode, isDatabaseAway, isDatabaseFull, isQueueAway } from "@/server/errors";
import { isOutage } from "@/server/queue/outage";

/** Tells outages from faults, and writes one line for each outage and one for its end. */
export function makeOutageLog(log: Logger) {
  const current = new Map<LogTableName, string>();
  return {
    /** @returns whether `error` is an outage; what else it may be is for the caller to report */
    isOutage(queue: LogTableName, error: unknown): boolean {
      if (!isOutage(error)) return false;
      const outage = describeOutage(queue, error);
      const known = [...current.values()].includes(outage);
      current.set(queue, outage);
      if (!known) log.warn(`${outage}; nothing is stored until that changes`);
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
function describeOutage(queue: LogTableName, error: unknown): string {
  if (isQueueAway(error)) return error.message.split(/[:(]/)[0]?.trim() ?? "";
  if (isDatabaseFull(error)) return "the database's disk is full";
  if (isDatabaseAway(error)) return "PostgreSQL cannot be reached";
  const code = causeCode(error) ?? "";
  if (code === "55P03") return `the table of ${queue} is locked`;
  if (code === "25006") return "PostgreSQL is read-only";
  return `PostgreSQL refuses to store (${code})`;
}
