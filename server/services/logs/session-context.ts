import { sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import type { LogRow, SessionContext, SessionContextQuery } from "./contract";
import { readFilters } from "./filters";
import { withinBytes } from "./page-bytes";
import { logSource, readRow } from "./paged-source";
import { searchRows } from "./search-rows";

/** The rows of the same session next to one row, at most `limit` on each side. */
export async function readSessionContext(
  ctx: Context,
  tableName: BrowsedTableName,
  row: SessionContextQuery,
): Promise<SessionContext> {
  const table = browsedTables[tableName];
  const source = logSource(table);
  const filters = readFilters(table, { filters: { session_id: row.session_id } }, ctx.config.timeZone);
  const side = async (ascending: boolean) => {
    const start = sql`(created_at, id) ${sql.raw(ascending ? ">" : "<")} (${row.created_at}::timestamptz, ${row.id}::uuid)`;
    const found = await searchRows(ctx, source, { filters, start, ascending, limit: row.limit });
    return await withinBytes(ctx, source, found, "shorten");
  };
  const [before, after] = await Promise.all([side(false), side(true)]);
  return {
    before: before.map((found) => readRow<LogRow>(source.columns, found)).reverse(),
    after: after.map((found) => readRow<LogRow>(source.columns, found)),
  };
}
