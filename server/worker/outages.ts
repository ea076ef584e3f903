import type { Logger } from "pino";
import type { LogTableName } from "@/server/catalog";
import { type DatabaseTrouble, databaseTrouble, isQueueUnavailable } from "@/server/lib/errors";

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
function describeOutage(error: unknown): string | undefined {
  if (isQueueUnavailable(error)) {
    return error.code.startsWith("queue.unreachable") ? "Redis cannot be reached" : `Redis refuses (${error.code})`;
  }
  const trouble = databaseTrouble(error);
  return trouble && OUTAGES[trouble];
}

const OUTAGES: Readonly<Record<DatabaseTrouble, string>> = {
  unreachable: "PostgreSQL cannot be reached",
  overloaded: "PostgreSQL has no capacity left",
  full: "the database's disk is full",
  read_only: "PostgreSQL is read-only",
  faulty: "PostgreSQL reports a storage fault",
  denied: "PostgreSQL refuses the account in DATABASE_URL",
  locked: "the table is locked",
  conflict: "other transactions are in the way",
  cancelled: "PostgreSQL cancels the statements",
};
