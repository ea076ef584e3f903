import type { LogTableName } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import { type Context, SYSTEM } from "@/server/process/context";
import { type ArchiveFile, removeArchiveFiles } from "@/server/services/archive-files";
import { recordAudit } from "@/server/services/audit";
import { retentionDays } from "@/server/services/retention-policies";
import type { Maintenance } from "@/server/services/tables";

/** For how many days the removal of a file is retried. */
const RETRY_DAYS = 30;

/**
 * Deletes the files of archives older than their retention by PostgreSQL's clock, counted from when their rows
 * last left the table; none if it is unlimited. Archives whose rows are also in the table remain. The record remains as
 * well, to show what became of the rows.
 */
export async function expireArchives(ctx: Context, table: LogTableName, maintenance: Maintenance): Promise<void> {
  const days = await retentionDays(ctx, "archives");
  if (days > 0) await recordExpired(ctx, table, maintenance, days);
  // The record is updated first, so that no restore starts. A file whose process died in between is found again.
  const stores = ctx.files.all.map(({ id }) => id);
  const ended = await maintenance.sql<(ArchiveFile & { id: string })[]>`
    select id, path, store
    from archives
    where table_name = ${table} and state = 'expired' and expired_at > now() - make_interval(days => ${RETRY_DAYS}::int)
      and (store is null or store = any(${stores}::text[]))`;
  for (const { id, path, store } of ended) {
    try {
      await removeArchiveFiles(ctx, { path, store });
    } catch (error) {
      ctx.log.warn(
        { err: error, archive: id, file: path },
        "file of an expired archive not removed; it will be retried",
      );
    }
  }
}

/** Counts the archives that expireArchives would delete at a time with a retention. */
export async function previewArchivesExpiry(
  ctx: Context,
  days: number,
  at: Date,
): Promise<{ matched_count: number; matched_bytes: number; oldest: Instant | null; newest: Instant | null }> {
  const [row] = await ctx.db.read.$client<
    { count: number; bytes: number; oldest: string | null; newest: string | null }[]
  >`
    select
      count(*)::int as count,
      coalesce(sum(size_bytes), 0)::float8 as bytes,
      min(first_time) as oldest,
      max(last_time) as newest
    from archives
    where ${days > 0} and state = 'removed'
      and greatest(completed_at, removed_at) < ${at.toISOString()}::timestamptz - make_interval(days => ${days}::int)`;
  return {
    matched_count: row?.count ?? 0,
    matched_bytes: row?.bytes ?? 0,
    oldest: row?.oldest ? toIsoMicroseconds(row.oldest) : null,
    newest: row?.newest ? toIsoMicroseconds(row.newest) : null,
  };
}

async function recordExpired(ctx: Context, table: LogTableName, maintenance: Maintenance, days: number): Promise<void> {
  await maintenance.transaction(async (tx) => {
    const expired = await tx<{ id: string; month: string; path: string; row_count: number }[]>`
      update archives set state = 'expired', expired_at = now()
      where table_name = ${table}
        and state = 'removed'
        and greatest(completed_at, removed_at) < now() - make_interval(days => ${days}::int)
      returning id, month, path, row_count::float8 as row_count`;
    // Also of those that a process of an older version recorded.
    await tx`
      delete from archive_blocks
      using archives
      where archives.id = archive_id and table_name = ${table} and state = 'expired'`;
    for (const { id, month, path, row_count } of expired) {
      await recordAudit(
        ctx,
        SYSTEM,
        "archive.expire",
        { archive_id: id, table, month, file: path, rows: row_count },
        tx,
      );
      ctx.log.info({ archive: id, file: path }, "archive removed at the end of its retention");
    }
  });
}
