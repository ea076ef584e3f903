import type { SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { readSelection } from "./archived";
import type { LogFilters, LogRow } from "./contract";
import type { FindRequest } from "./cursor-paginate";
import { readingOf, readRows } from "./limits";
import { findRows } from "./list-logs";
import { shortColumnList, withinBytes } from "./page-bytes";
import { logSource, readRow, where } from "./paged-source";

/** Rows as found, in order, with long values truncated. */
export type FoundRows = readonly Record<string, unknown>[];

/**
 * Finds the first matching rows of a log table in the order of (created_at, id), for lists that combine tables.
 * @throws AppError UNPROCESSABLE for an invalid filter, and for a query that takes too long
 */
export async function findFirst(
  ctx: Context,
  tableName: BrowsedTableName,
  query: LogFilters,
  search: FindRequest,
): Promise<FoundRows> {
  const table = browsedTables[tableName];
  const reading = readingOf(ctx, tableName);
  const filters = readSelection(ctx, table, query);
  return (
    (await findRows(reading, table, filters, search))?.rows ??
    (await readRows(
      reading,
      sql`
        select ${shortColumnList(table.columns)}
        from ${logSource(table).from}
        ${where([...filters.range, ...filters.columns, ...startOf(search)])}
        ${search.ascending ? sql`order by created_at, id` : sql`order by created_at desc, id desc`}
        limit ${sql.raw(String(search.limit))}`,
      { isAdHoc: filters.isAdHoc },
    ))
  );
}

function startOf({ start }: FindRequest): SQL[] {
  return start ? [start] : [];
}

/** Completes found rows, as many of the first ones as fit into a page. */
export async function completeRows(ctx: Context, tableName: BrowsedTableName, rows: FoundRows): Promise<LogRow[]> {
  const source = logSource(browsedTables[tableName]);
  const shown = await withinBytes(readingOf(ctx, tableName), source, rows, "cut");
  return shown.map((row) => ({
    ...readRow<LogRow>(source.columns, row),
    ...(row.archived === true && { archived: true }),
  }));
}
