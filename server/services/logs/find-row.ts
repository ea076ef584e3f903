import { sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { findArchivedRow } from "./archived";
import type { LogKey, LogRow } from "./contract";
import { read } from "./limits";
import { columnList, logSource, readRow } from "./paged-source";

/** Returns the row with a primary key, from the table or an archive, or null if it does not exist. */
export async function findLogRow(ctx: Context, tableName: BrowsedTableName, key: LogKey): Promise<LogRow | null> {
  const { columns, from } = logSource(browsedTables[tableName]);
  const [row] = await read(ctx, (db) =>
    db.execute(sql`
      select ${columnList(columns)}
      from ${from}
      where created_at = ${key.created_at}::timestamptz
        and id = ${key.id}::uuid`),
  );
  return row ? readRow<LogRow>(columns, row) : await findArchivedRow(ctx, browsedTables[tableName], key);
}
