import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { Database } from "@/server/db/client";
import { type DatabaseFailure, databaseFailureOf } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

const READ_ONLY = errorValue("health.database_read_only", {});
const DISK_FULL = errorValue("health.database_disk_full", {});

/** Advice by failure, for those that the component's general advice does not cover. */
const ADVICE: Partial<Record<DatabaseFailure, ErrorValue>> = {
  overloaded: errorValue("health.database_overloaded", {}),
  full: DISK_FULL,
  read_only: READ_ONLY,
  faulty: errorValue("health.database_storage_fault", {}),
  denied: errorValue("health.database_permission_denied", {}),
  locked: errorValue("health.database_locked", {}),
};

export function databaseAdvice(error: unknown): ErrorValue | undefined {
  const failure = databaseFailureOf(error);
  return failure && ADVICE[failure];
}

/** Checks that PostgreSQL responds and accepts writes. @returns advice, or null when it does */
export async function checkDatabase(ctx: Context): Promise<ErrorValue | null> {
  const [state] = await ctx.db.health<{ read_only: boolean }[]>`
    select current_setting('transaction_read_only')::boolean or pg_is_in_recovery() as read_only`;
  if (state?.read_only) return READ_ONLY;
  return (await isDiskFull(ctx.db)) ? DISK_FULL : null;
}

/** The cache lifetime of the disk check's result. */
const CHECK_INTERVAL_MS = 20_000;
/** Spills about 3 MB to disk at this work_mem, in about 20 ms. */
const SPILLED_ROWS = 100_000;

const checks = new WeakMap<Database, { readonly at: number; readonly isFull: Promise<boolean> }>();

/** PostgreSQL does not report disk usage, but it fails to write a temporary file when the disk is full. */
function isDiskFull(db: Database): Promise<boolean> {
  const last = checks.get(db);
  if (last && performance.now() - last.at < CHECK_INTERVAL_MS) return last.isFull;
  const isFull = spill(db);
  checks.set(db, { at: performance.now(), isFull });
  return isFull;
}

async function spill(db: Database): Promise<boolean> {
  try {
    await db.health.begin("read only", async (tx) => {
      await tx`set local work_mem = '64kB'`;
      await tx`select count(*) from generate_series(1, ${SPILLED_ROWS}::int)`;
    });
    return false;
  } catch (error) {
    // Any other failure concerns this query, not the disk; connectivity was checked before.
    return databaseFailureOf(error) === "full";
  }
}
