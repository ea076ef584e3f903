import { type SQL, sql } from "drizzle-orm";
import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { archiveParts } from "@/server/services/archive-files";
import { readSelection } from "./archived";
import { countInColumns } from "./columnar/aggregates";
import { isLogTable } from "./columnar/plan";
import type { CountQuery, LogFilters, RowCount } from "./contract";
import type { ReadFilters } from "./filters";
import { isTimeout, ReadTimeout, readingOf, readWithin, tooSlow } from "./limits";
import { where } from "./paged-source";

const EXACT_UP_TO = 50_000;
/**
 * Milliseconds. An estimate is requested with every page, so its counting part is short; an exact count is requested
 * explicitly.
 */
const LIMIT_MS = { estimate: 2_000, upTo: 5_000, exact: 10_000 };

/** Counts the matching rows of a log table. @throws AppError UNPROCESSABLE for an invalid filter */
export async function countLogs(ctx: Context, tableName: BrowsedTableName, query: CountQuery): Promise<RowCount> {
  const table = browsedTables[tableName];
  return await countRows(ctx, table, readSelection(ctx, table, query), query.mode);
}

/**
 * Counts matching rows: exact up to 50,000; above, the planner's estimate over the partitions, unless `exact` is
 * requested and completes within 10 seconds.
 * @param limit timeout in milliseconds
 * @throws AppError query.timeout with archived rows, of which the planner knows nothing
 */
export async function countRows(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  mode: "estimate" | "exact",
  limit = LIMIT_MS[mode],
): Promise<RowCount> {
  const max = mode === "exact" ? undefined : EXACT_UP_TO;
  const { counted, isWhole, expected } = await countWithin(ctx, table, filters, limit, max);
  if (counted !== undefined && isWhole) return { count: counted, is_exact: true, gave_up: false };
  if (filters.archived) throw tooSlow(new ReadTimeout());
  return { count: Math.max(counted ?? 0, expected), is_exact: false, gave_up: mode === "exact" };
}

/**
 * Counts matching rows up to `max` plus one, or uses the planner's estimate when counting takes longer than 5 s.
 * @throws AppError UNPROCESSABLE for an invalid filter
 */
export async function countUpTo(
  ctx: Context,
  tableName: BrowsedTableName,
  query: LogFilters,
  max: number,
): Promise<{ count: number; is_exact: boolean }> {
  const table = browsedTables[tableName];
  const filters = readSelection(ctx, table, query);
  const { counted, expected } = await countWithin(readingOf(ctx, tableName), table, filters, LIMIT_MS.upTo, max);
  if (counted !== undefined) return { count: counted, is_exact: true };
  const archived = query.include_archived ? await countArchived(ctx, table, filters) : 0;
  return { count: Math.min(max + 1, expected + archived), is_exact: false };
}

/** The rows of all archives in the range, whether they match or not. */
async function countArchived(ctx: Context, table: BrowsedTable, range: ReadFilters): Promise<number> {
  if (!isLogTable(table)) return 0;
  const parts = await archiveParts(ctx, ctx.db.read, table.name, range);
  return parts.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

/**
 * @param max counting in PostgreSQL stops one above it
 * @returns `counted` is undefined on timeout; `isWhole`: whether all rows were counted
 */
async function countWithin(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  limit: number,
  max: number | undefined,
): Promise<{ counted: number | undefined; isWhole: boolean; expected: number }> {
  const { expected, conditions } = await expectRows(ctx, table, filters);
  const from = sql`from ${sql.identifier(table.tableName)} ${where(conditions)}`;
  try {
    // All rows are more than anyone needs to know of a list without filters.
    const isScanned = filters.indexed === undefined || expected > FEW_ROWS;
    if ((max === undefined && isScanned) || (await isForColumns(ctx, table, filters))) {
      const counted = await countInColumns(ctx, table, filters, limit);
      if (counted !== undefined) return { counted, isWhole: true, expected };
    }
    const counted = await readWithin(ctx, limit, (db) => countBounded(db, from, max));
    return { counted, isWhole: max === undefined || counted <= max, expected };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { counted: undefined, isWhole: false, expected };
  }
}

/**
 * Whether the matching rows should be read from columns: there are conditions without an index, and the indexes of the
 * others find many rows.
 */
export async function isForColumns(ctx: Context, table: BrowsedTable, filters: ReadFilters): Promise<boolean> {
  const { range, columns, indexed = [] } = filters;
  if (filters.archived) return true;
  if (indexed.length >= columns.length || !isLogTable(table)) return false;
  if (indexed.length === 0) return true;
  const from = sql`from ${sql.identifier(table.tableName)} ${where([...range, ...indexed])}`;
  return (await estimateRows(ctx.db.read, from)) > FEW_ROWS;
}

/** Counts the rows of `from table where …`. @param max counting stops one above it */
export async function countBounded(db: Orm, from: SQL, max?: number): Promise<number> {
  const rows = max === undefined ? from : sql`from (select 1 ${from} limit ${max + 1}) as bounded`;
  const [row] = await db.execute<{ count: string }>(sql`select count(*) as count ${rows}`);
  return Number(row?.count ?? 0);
}

/** Below this number of rows, indexes are faster than scanning a table of millions. */
export const FEW_ROWS = 100_000;

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
