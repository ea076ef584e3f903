import type { Logger } from "pino";
import type { LogTableName } from "@/server/catalog";
import { type DatabaseFailure, databaseFailureOf, isQueueUnavailable } from "@/server/lib/errors";

/** Distinguishes outages from other errors, and logs one line at the start and end of each outage. */
export function makeOutageLog(log: Logger) {
  const current = new Map<LogTableName, string>();
  return {
    /** @returns whether `error` is an outage; the caller reports all other errors */
    isOutage(queue: LogTableName, error: unknown): boolean {
      const outage = describeOutage(error);
      if (!outage) return false;
      const isReported = [...current.values()].includes(outage);
      current.set(queue, outage);
      if (!isReported) log.warn(`${outage}; inserts are paused until it recovers`);
      return true;
    },
    recovered(queue: LogTableName): void {
      const outage = current.get(queue);
      if (!outage) return;
      current.delete(queue);
      if (![...current.values()].includes(outage)) log.info(`resolved: ${outage}`);
    },
  };
}

/** Returns the part of the message that is constant across attempts. */
function describeOutage(error: unknown): string | undefined {
  if (isQueueUnavailable(error)) {
    return error.code.startsWith("queue.unreachable")
      ? "Redis is unavailable"
      : `Redis rejects requests (${error.code})`;
  }
  const failure = databaseFailureOf(error);
  return failure && OUTAGES[failure];
}

const OUTAGES: Readonly<Record<DatabaseFailure, string>> = {
  unreachable: "PostgreSQL is unavailable",
  overloaded: "PostgreSQL has no capacity left",
  full: "the database's disk is full",
  read_only: "PostgreSQL is read-only",
  faulty: "PostgreSQL reports a storage fault",
  denied: "PostgreSQL rejects the account in DATABASE_URL",
  locked: "the table is locked",
  conflict: "other transactions conflict with the inserts",
  cancelled: "PostgreSQL cancels the statements",
};
