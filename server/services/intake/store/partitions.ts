import { type LogTableName, logTables } from "@/server/catalog";
import { ensurePartitions, type Month } from "@/server/db/partitions";
import { databaseFailureOf } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { CREATED_AT, type Row } from "../batch";

/** Partitions known to exist, by database and table. */
const known = new WeakMap<Context["db"], Map<LogTableName, Set<Month>>>();

function knownMonths(ctx: Context, table: LogTableName): Set<Month> {
  const tables = known.get(ctx.db) ?? new Map<LogTableName, Set<Month>>();
  known.set(ctx.db, tables);
  const months = tables.get(table) ?? new Set<Month>();
  tables.set(table, months);
  return months;
}

/** Creates the partitions for `rows` that this process has not seen yet. */
export async function createPartitionsFor(ctx: Context, table: LogTableName, rows: readonly Row[]): Promise<void> {
  const months = knownMonths(ctx, table);
  const missing = new Set<Month>();
  for (const row of rows) {
    const month = row[CREATED_AT]?.slice(0, 7);
    if (month && !months.has(month)) missing.add(month);
  }
  if (missing.size === 0) return;
  for (const month of [...missing].sort()) {
    try {
      await ensurePartitions(ctx.db.ddl[table], logTables[table].tableName, [month]);
      months.add(month);
    } catch (error) {
      if (databaseFailureOf(error)) throw error;
      // The rows of that month are then rejected on insert.
      ctx.log.error({ err: error, table, month }, "partition could not be created");
    }
  }
}

/** Clears the cache of known partitions, after PostgreSQL reported a missing one. */
export function clearKnownPartitions(ctx: Context, table: LogTableName): void {
  knownMonths(ctx, table).clear();
}
