import { AppError } from "@/server/lib/errors";
import type { Sql, SqlExecutor } from "./client";

/** A process whose clock differs by more raises an alert and does not start time-based deletions. */
export const MAX_CLOCK_DIFFERENCE_MS = 60_000;

const REFRESH_MS = 10_000;

/** PostgreSQL's clock, the reference for data, schedules and leases in all processes. */
export interface DatabaseClock {
  readonly now: () => Date;
  stop(): Promise<void>;
}

/**
 * Tracks PostgreSQL's clock. It is read now and every 10 seconds, and extrapolated with this process's monotonic clock
 * in between.
 */
export async function followDatabaseClock(sql: Sql): Promise<DatabaseClock> {
  let last = await readClock(sql);
  let refreshing: Promise<void> = Promise.resolve();
  const refresh = async () => {
    last = await readClock(sql);
  };
  const timer = setInterval(() => {
    // While PostgreSQL is unreachable, the last reading is extrapolated.
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

/**
 * Returns the milliseconds by which this process's clock is ahead of PostgreSQL's, minus the uncertainty of the round
 * trip.
 */
export async function clockDifference(sql: Sql): Promise<number> {
  const { time, at, uncertainty } = await readClock(sql);
  return certainDifference(Date.now() - (performance.now() - at) - time, uncertainty);
}

/** Returns whether this process's clock is accurate enough for time-based deletion. */
export async function isClockAccurate(sql: Sql): Promise<boolean> {
  return Math.abs(await clockDifference(sql)) <= MAX_CLOCK_DIFFERENCE_MS;
}

/** @throws AppError UNAVAILABLE if this process's clock is wrong */
export async function requireAccurateClock(sql: Sql): Promise<void> {
  const difference = Math.abs(await clockDifference(sql));
  if (difference <= MAX_CLOCK_DIFFERENCE_MS) return;
  throw new AppError("database.clock_differs", { seconds: Math.round(difference / 1_000) });
}

/** Returns the part of a difference that exceeds the `uncertainty` of the readings. */
export function certainDifference(difference: number, uncertainty: number): number {
  return Math.sign(difference) * Math.max(0, Math.abs(difference) - uncertainty);
}

/** Returns PostgreSQL's time at `at` of performance.now(), within `uncertainty`, in milliseconds. */
async function readClock(sql: Sql): Promise<{ time: number; at: number; uncertainty: number }> {
  const before = performance.now();
  const [row] = await sql<{ time: number }[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as time`;
  if (!row) throw new Error("PostgreSQL did not return its time.");
  const uncertainty = (performance.now() - before) / 2;
  return { time: row.time, at: before + uncertainty, uncertainty };
}

/**
 * Returns PostgreSQL's time in milliseconds. Deletions use it instead of the process's clock, so that all workers
 * select the same rows.
 */
export async function databaseNow(sql: SqlExecutor): Promise<Date> {
  const [row] = await sql<{ ms: number }[]>`select floor(extract(epoch from now()) * 1000)::float8 as ms`;
  if (!row) throw new Error("PostgreSQL did not return its time.");
  return new Date(row.ms);
}
