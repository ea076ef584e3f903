import { type LogTableName, logTables } from "@/server/catalog";
import { ensurePartitions, type Month } from "@/server/db/partitions";
import { databaseTrouble } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { Row } from "../batch";

/** What this process knows to exist, a database and table. */
const known = new WeakMap<Context["db"], Map<LogTableName, Set<Month>>>();

function knownMonths(ctx: Context, table: LogTableName): Set<Month> {
  const tables = known.get(ctx.db) ?? new Map<LogTableName, Set<Month>>();
  known.set(ctx.db, tables);
  const months = tables.get(table) ?? new Set<Month>();
  tables.set(table, months);
  return months;
}

/** Makes the partitions that `rows` need and that this process has not seen yet. */
export async function makePartitionsFor(ctx: Context, table: LogTableName, rows: readonly Row[]): Promise<void> {
  const months = knownMonths(ctx, table);
  const missing = new Set<Month>();
  for (const row of rows) {
    const month = row[1]?.slice(0, 7);
    if (month && !months.has(month)) missing.add(month);
  }
  if (missing.size === 0) return;
  for (const month of [...missing].sort()) {
    try {
      await ensurePartitions(ctx.db.ddl[table], logTables[table].tableName, [month]);
      months.add(month);
    } catch (error) {
      if (databaseTrouble(error)) throw error;
      // The rows of that month alone are refused when they are inserted.
      ctx.log.error({ err: error, table, month }, "a partition cannot be made");
    }
  }
}

/** Drops what this process believes to exist, after PostgreSQL said otherwise. */
export function forgetPartitions(ctx: Context, table: LogTableName): void {
  knownMonths(ctx, table).clear();
}
