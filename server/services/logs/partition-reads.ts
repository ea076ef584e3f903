import { sql } from "drizzle-orm";
import type { Orm } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { countBounded } from "./count";

/** Only a cleanup can hold or await a conflicting lock for longer. */
const LOCK_TIMEOUT_MS = 100;

const UNAVAILABLE_PARTITION: readonly string[] = [SQLSTATE.lockNotAvailable, SQLSTATE.undefinedTable];

/**
 * Reads from one partition in its own transaction, so that no lock outlives the statement.
 * @returns undefined when the partition is being dropped, or does not exist
 */
export async function readUnlocked<T>(ctx: Context, work: (db: Orm) => Promise<T>): Promise<T | undefined> {
  try {
    return await ctx.db.read.transaction(async (tx) => {
      await tx.execute(sql`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`);
      return await work(tx);
    });
  } catch (error) {
    if (!UNAVAILABLE_PARTITION.includes(causeCode(error) ?? "")) throw error;
    return undefined;
  }
}

/** The first time that `pick` (min or max) returns, trying the partitions in order; null without rows. */
export async function firstTime(
  ctx: Context,
  pick: "min" | "max",
  partitions: readonly string[],
): Promise<Instant | null> {
  for (const name of partitions) {
    const found = await readUnlocked(ctx, async (db) => {
      const [row] = await db.execute<{ at: string | null }>(
        sql`select ${sql.raw(pick)}(created_at) as at from ${sql.identifier(name)}`,
      );
      return row?.at;
    });
    if (found) return toIsoMicroseconds(found);
  }
  return null;
}

/** The row count of each partition, if the total is at most `maxRows`; undefined otherwise, or if uncertain. */
export async function countAll(
  ctx: Context,
  partitions: readonly string[],
  maxRows: number,
): Promise<ReadonlyMap<string, number> | undefined> {
  const counts = new Map<string, number>();
  let left = maxRows;
  for (const name of partitions) {
    const counted = await readUnlocked(ctx, (db) => countBounded(db, sql`from ${sql.identifier(name)}`, left));
    if (counted === undefined || counted > left) return undefined;
    counts.set(name, counted);
    left -= counted;
  }
  return counts;
}
