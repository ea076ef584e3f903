import { type SQL, sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import type { LogFilters } from "../contract";
import { expectRows } from "../count";
import { readFilters } from "../filters";
import { isTimeout, readWithin } from "../limits";
import { where } from "../paged-source";

/** A later suggestion is no longer useful. */
const LIMIT_MS = 1_000;
/** Rows that are filtered if all matching ones cannot be found in time. */
const FILTERED_ROWS = 20_000;

/**
 * Reads the newest matching rows; if they are not found within a second, those among the newest rows of the time
 * range. Returns no rows if that takes longer too.
 * @param read executes a statement on the selected rows, which are a FROM item
 * @throws AppError UNPROCESSABLE for an invalid filter
 */
export async function readNewest<Row>(
  ctx: Context,
  name: BrowsedTableName,
  query: LogFilters,
  { values, limit, read }: { values: SQL; limit: number; read: (db: Orm, rows: SQL) => Promise<readonly Row[]> },
): Promise<readonly Row[]> {
  const table = browsedTables[name];
  const filters = readFilters(table, query, ctx.config.timeZone);
  const from = sql.identifier(table.tableName);
  const newest = (rows: SQL, conditions: readonly SQL[], count: number, list: SQL) => sql`
    select ${list} from ${rows} ${where(conditions)} order by created_at desc, id desc limit ${count}`;
  const { conditions } = await expectRows(ctx, table, filters);
  const all = newest(sql`${from}`, conditions, limit, values);
  const some = sql`
    select ${values}
    from (${newest(sql`${from}`, filters.range, FILTERED_ROWS, sql`*`)}) as newest ${where(filters.columns)}
    limit ${limit}`;
  for (const rows of filters.columns.length > 0 ? [all, some] : [all]) {
    try {
      return await readWithin(ctx, LIMIT_MS, (db) => read(db, sql`(${rows}) as newest`));
    } catch (error) {
      if (!isTimeout(error)) throw error;
    }
  }
  return [];
}
