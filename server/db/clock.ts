import { AppError } from "@/server/lib/errors";
import type { Sql, SqlExecutor } from "./client";

/** A process whose clock differs from PostgreSQL's by more is reported, and begins nothing that deletes by time. */
export const MAX_CLOCK_DIFFERENCE_MS = 60_000;

const REFRESH_MS = 10_000;

/** PostgreSQL's clock: data, schedules and leases go by it, whatever the clocks of the processes show. */
export interface DatabaseClock {
  readonly now: () => Date;
  stop(): Promise<void>;
}

/**
 * Follows PostgreSQL's clock: asked now and every 10 seconds, and in between kept by this process's monotonic clock, which
 * nobody sets.
 */
export async function followDatabaseClock(sql: Sql): Promise<DatabaseClock> {
  let last = await readClock(sql);
  let refreshing: Promise<void> = Promise.resolve();
  const refresh = async () => {
    last = await readClock(sql);
  };
  const timer = setInterval(() => {
    // Without PostgreSQL the last reading serves.
    refreshing = refresh().catch(() => {});
  }, REFRESH_MS);
  timer.unref();
  return {
    now: () => new Date(last.time + performance.now() - last.at),
    stop: async () => {
      clearInterval(timer);
      await refreshing;
    },
  };
}

/** Milliseconds by which this process's clock is ahead of PostgreSQL's, less what the round trip leaves uncertain. */
export async function clockDifference(sql: Sql): Promise<number> {
  const { time, at, uncertainty } = await readClock(sql);
  return certainDifference(Date.now() - (performance.now() - at) - time, uncertainty);
}

/** Whether this process's clock may be trusted near anything that deletes by time. */
export async function isClockRight(sql: Sql): Promise<boolean> {
  return Math.abs(await clockDifference(sql)) <= MAX_CLOCK_DIFFERENCE_MS;
}

/** @throws AppError UNAVAILABLE when this process's clock is wrong */
export async function requireRightClock(sql: Sql): Promise<void> {
  const difference = Math.abs(await clockDifference(sql));
  if (difference <= MAX_CLOCK_DIFFERENCE_MS) return;
  throw new AppError("database.clock_differs", { seconds: Math.round(difference / 1_000) });
}

/** What of a difference is left when each of the two readings may be off by `uncertainty`. */
export function certainDifference(difference: number, uncertainty: number): number {
  return Math.sign(difference) * Math.max(0, Math.abs(difference) - uncertainty);
}

/** PostgreSQL's time at the moment `at` of performance.now(), give or take `uncertainty`; milliseconds. */
async function readClock(sql: Sql): Promise<{ time: number; at: number; uncertainty: number }> {
  const before = performance.now();
  const [row] = await sql<{ time: number }[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`;
  if (!row) throw new Error("PostgreSQL did not return its time.");
  const uncertainty = (performance.now() - before) / 2;
  return { time: row.time, at: before + uncertainty, uncertainty };
}

/**
 * PostgreSQL's time, which decides about data: a worker whose own clock is wrong removes and keeps the same rows as any
 * other. To the millisecond.
 */
export async function databaseNow(sql: SqlExecutor): Promise<Date> {
  const [row] = await sql<{ ms: number }[]>`select floor(extract(epoch from now()) * 1000)::float8 as ms`;
  if (!row) throw new Error("PostgreSQL returned no time.");
  return new Date(row.ms);
}
