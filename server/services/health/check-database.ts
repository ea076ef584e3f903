import type { Database } from "@/server/db/client";
import { type DatabaseTrouble, databaseTrouble } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

export const READ_ONLY =
  "PostgreSQL is read-only: nothing can be stored. After a failover, check that DATABASE_URL leads to the primary; otherwise default_transaction_read_only is on.";

const FULL = "The disk of PostgreSQL is full: nothing can be stored. Free space there, or shorten the retention.";

/** Advice by trouble, for those that the component's general advice does not cover. */
const ADVICE: Partial<Record<DatabaseTrouble, string>> = {
  overloaded:
    "PostgreSQL has no connection or memory left. Raise max_connections, or run fewer processes; it is tried again by itself.",
  full: FULL,
  read_only: READ_ONLY,
  faulty: "PostgreSQL reports a storage fault. Its own log has the details.",
  denied: "PostgreSQL refuses the account in DATABASE_URL, or it lacks a permission. Check its password and grants.",
  locked: "A table is locked by other work in PostgreSQL.",
};

export function troubleAdvice(error: unknown): string | undefined {
  const trouble = databaseTrouble(error);
  return trouble && ADVICE[trouble];
}

/** Checks that PostgreSQL answers and accepts writes. @returns advice, or null when it does */
export async function checkDatabase(ctx: Context): Promise<string | null> {
  const [state] = await ctx.db.health<{ read_only: boolean }[]>`
    select current_setting('transaction_read_only')::boolean or pg_is_in_recovery() as read_only`;
  if (state?.read_only) return READ_ONLY;
  return (await isDiskFull(ctx.db)) ? FULL : null;
}

/** How long the result of the disk check is cached. */
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
    return databaseTrouble(error) === "full";
  }
}
