import type { LogTableName } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { removeArchiveFiles } from "@/server/services/archive-files";
import { recordAudit } from "@/server/services/audit";
import { UNFENCED } from "@/server/services/jobs";
import { withMaintenance } from "@/server/services/tables";
import { type Archive, findArchive } from "./records";

/**
 * Deletes archives: their rows that are not in the table are lost. The records remain, so that lists show who deleted
 * what. A file that cannot be removed now is removed by a later cleanup.
 * @throws AppError NOT_FOUND; CONFLICT for one that was deleted before, and while a cleanup or restore of its table runs
 */
export async function deleteArchives(ctx: Context, principal: Principal, ids: readonly string[]): Promise<void> {
  const found = await Promise.all([...new Set(ids)].map((id) => findArchive(ctx.db.sql, id)));
  const tables = new Map<LogTableName, Archive[]>();
  for (const archive of found) tables.set(archive.table, [...(tables.get(archive.table) ?? []), archive]);
  for (const [table, archives] of tables) {
    await withMaintenance(ctx, table, UNFENCED, async (maintenance) => {
      for (const archive of archives) {
        const { id, month, path, store, rowCount } = archive;
        await maintenance.transaction(async (tx) => {
          const { count } = await tx`
            update archives set state = 'expired', expired_at = now(), deleted_by = ${principal.name}
            where id = ${id} and state in ('pending', 'removed')`;
          if (count === 0) return;
          await tx`delete from archive_blocks where archive_id = ${id}`;
          const details = { archive_id: id, table, month, file: path, rows: rowCount };
          await recordAudit(ctx, principal, "archive.delete", details, tx);
        }, "durable");
        try {
          await removeArchiveFiles(ctx, { path, store });
        } catch (error) {
          ctx.log.warn(
            { err: error, archive: id, file: path },
            "file of a deleted archive not removed; it will be retried",
          );
        }
      }
    });
  }
}
