import { type SQL, sql } from "drizzle-orm";
import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import type { CountQuery, RowCount } from "./contract";
import { type ReadFilters, readFilters } from "./filters";
import { isTimeout, readWithin } from "./limits";
import { where } from "./paged-source";

const EXACT_UP_TO = 50_000;
/** Milliseconds. An estimate is asked with every page, so its counting part stops soon; an exact count is a wish. */
const LIMIT_MS = { estimate: 2_000, exact: 10_000 };

/** How many rows of a log table match. @throws AppError UNPROCESSABLE for a bad filter */
export async function countLogs(ctx: Context, tableName: BrowsedTableName, query: CountQuery): Promise<RowCount> {
  const table = browsedTables[tableName];
  return await countRows(ctx, table, readFilters(table, query, ctx.config.timeZone), query.mode);
}

/**
 * How many rows match: exact up to 50,000; above, the planner's estimate over the partitions, unless `exact` is
 * asked for and done within 10 seconds.
 * @param limit milliseconds that the counting may take
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

/** @returns undefined when the limit came first; above EXACT_UP_TO an estimate counts one more and stops */
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

/** So few rows are fetched by the indexes sooner than a table of millions is read through. */
const FEW_ROWS = 100_000;

/**
 * How many rows the planner expects, and the conditions to count them with: those of the indexes too where the
 * rows are few, which the planner must not be asked about, since it would expect far fewer yet.
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

/** What the planner expects of `from table where …`, its partitions added up. */
export async function estimateRows(db: Orm, from: SQL): Promise<number> {
  const [plan] = await db.execute<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    sql`explain (format json) select 1 ${from}`,
  );
  return plan?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}
