import { type SQL, sql } from "drizzle-orm";
import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import type { CountQuery, RowCount } from "./contract";
import { type ReadFilters, readFilters } from "./filters";
import { isTimeout, readWithin } from "./limits";
import { where } from "./paged-source";

const EXACT_UP_TO = 50_000;
/**
 * Milliseconds. An estimate is requested with every page, so its counting part is short; an exact count is requested
 * explicitly.
 */
const LIMIT_MS = { estimate: 2_000, exact: 10_000 };

/** Counts the matching rows of a log table. @throws AppError UNPROCESSABLE for an invalid filter */
export async function countLogs(ctx: Context, tableName: BrowsedTableName, query: CountQuery): Promise<RowCount> {
  const table = browsedTables[tableName];
  return await countRows(ctx, table, readFilters(table, query, ctx.config.timeZone), query.mode);
}

/**
 * Counts matching rows: exact up to 50,000; above, the planner's estimate over the partitions, unless `exact` is
 * requested and completes within 10 seconds.
 * @param limit timeout in milliseconds
 */
export async function countRows(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  mode: "estimate" | "exact",
  limit = LIMIT_MS[mode],
): Promise<RowCount> {
  const { expected: estimate, conditions } = await expectRows(ctx, table, filters);
  const from = sql`from ${sql.identifier(table.tableName)} ${where(conditions)}`;
  const counted = await countWithin(ctx, from, mode, limit);
  if (counted !== undefined && (mode === "exact" || counted <= EXACT_UP_TO)) {
    return { count: counted, is_exact: true, gave_up: false };
  }
  const count = counted === undefined ? estimate : Math.max(counted, estimate);
  return { count, is_exact: false, gave_up: mode === "exact" };
}

/** @returns undefined on timeout; for an estimate, counting stops one above EXACT_UP_TO */
async function countWithin(
  ctx: Context,
  from: SQL,
  mode: "estimate" | "exact",
  limit: number,
): Promise<number | undefined> {
  const bounded = mode === "exact" ? from : sql`from (select 1 ${from} limit ${EXACT_UP_TO + 1}) as bounded`;
  try {
    return await readWithin(ctx, limit, async (db) => {
      const [row] = await db.execute<{ count: string }>(sql`select count(*) as count ${bounded}`);
      return Number(row?.count ?? 0);
    });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return undefined;
  }
}

/** Below this number of rows, indexes are faster than scanning a table of millions. */
const FEW_ROWS = 100_000;

/**
 * Estimates the number of rows, and selects the conditions to count them: with the indexed ones if the rows are few.
 * The planner is not consulted about both together, because it would expect far too few rows.
 */
export async function expectRows(
  ctx: Context,
  table: BrowsedTable,
  { range, columns, indexed = [] }: ReadFilters,
): Promise<{ expected: number; conditions: readonly SQL[] }> {
  const conditions = [...range, ...columns];
  const expected = await estimateRows(ctx.db.read, sql`from ${sql.identifier(table.tableName)} ${where(conditions)}`);
  return { expected, conditions: expected <= FEW_ROWS ? [...conditions, ...indexed] : conditions };
}

/** The planner's estimate of `from table where …`, summed over its partitions. */
export async function estimateRows(db: Orm, from: SQL): Promise<number> {
  const [plan] = await db.execute<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    sql`explain (format json) select 1 ${from}`,
  );
  return plan?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}
