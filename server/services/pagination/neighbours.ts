import { type SQL, sql } from "drizzle-orm";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/context";
import { read } from "./limits";
import type { LogRow } from "./list-logs";
import { columnList, logSource, readRow } from "./paged-source";

export interface Neighbours {
  /** What the session did just before and just after the row, each the oldest first. */
  readonly before: LogRow[];
  readonly after: LogRow[];
}

/** The rows of the same session next to one row, at most `limit` on each side. */
export async function sessionNeighbours(
  ctx: Context,
  tableName: LogTableName,
  row: { readonly session_id: string; readonly created_at: string; readonly id: string; readonly limit: number },
): Promise<Neighbours> {
  const source = logSource(logTables[tableName]);
  const side = (operator: SQL, order: SQL) =>
    read(ctx, (db) =>
      db.execute(sql`
        select ${columnList(source.columns)}
        from ${source.from}
        where session_id = ${row.session_id}
          and (created_at, id) ${operator} (${row.created_at}::timestamptz, ${row.id}::uuid)
        order by created_at ${order}, id ${order}
        limit ${row.limit}`),
    );
  const [before, after] = await Promise.all([side(sql.raw("<"), sql.raw("desc")), side(sql.raw(">"), sql.raw("asc"))]);
  return {
    before: before.map((found) => readRow<LogRow>(source.columns, found)).reverse(),
    after: after.map((found) => readRow<LogRow>(source.columns, found)),
  };
}
