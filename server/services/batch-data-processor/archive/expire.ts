import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/context";
import type { SqlExecutor } from "@/server/db/client";
import { placeOf, removeArchiveFiles } from "./files";

/**
 * Deletes the files of a table's archives that are older than ARCHIVES_RETENTION_DAYS; where that is not set, none.
 * Archives whose rows are in the table too stay. The record stays as well, as what became of the rows.
 * @param sql of the table's maintenance, so that no restore reads meanwhile
 */
export async function expireArchives(ctx: Context, sql: SqlExecutor, table: LogTableName): Promise<void> {
  const days = ctx.config.archivesRetentionDays;
  if (days === 0) return;
  const old = await sql<{ id: string; path: string }[]>`
    select id, path
    from archives
    where table_name = ${table}
      and state = 'removed'
      and completed_at < ${ctx.now().toISOString()}::timestamptz - make_interval(days => ${days}::int)`;
  for (const { id, path } of old) {
    // First the file: should this process die between the two, the next cleanup finds the record again.
    await removeArchiveFiles(placeOf(ctx, path));
    await sql`update archives set state = 'expired', expired_at = now() where id = ${id}`;
    ctx.log.info({ archive: id, file: path }, "archive removed: its retention ended");
  }
}
