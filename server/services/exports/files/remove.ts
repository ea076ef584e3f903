import type { Sql } from "@/server/db/client";
import { databaseNow } from "@/server/db/clock";
import { AppError } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import { type Context, type Principal, principalKey, SYSTEM } from "@/server/process/context";
import { isPermitted } from "@/server/services/accounts";
import { recordAudit } from "@/server/services/audit";
import type { ExportsExpired } from "../contract";
import { filePathOf } from "./folder";
import { sweepExports } from "./sweep";

/** Batch size, small so that an interrupted run has completed most of its work. */
const AT_ONCE = 100;

interface RemovedFile {
  readonly id: string;
  readonly file_name: string;
  readonly store: string | null;
  readonly size_bytes: string;
}

/**
 * Deletes an export: its record, then its file.
 * @throws AppError NOT_FOUND, FORBIDDEN for another user's export unless the caller is an administrator
 */
export async function deleteExport(ctx: Context, principal: Principal, id: string): Promise<void> {
  if (!isPermitted(principal.role, "exports.delete-any")) await requireOwn(ctx, principal, id);
  const removed = await ctx.db.sql.begin(async (tx) => {
    const rows = await tx<RemovedFile[]>`
      delete from exports where id::text = ${id} returning id, file_name, store, size_bytes`;
    for (const row of rows) {
      await recordAudit(ctx, principal, "export.delete", { export_id: row.id, file_name: row.file_name }, tx);
    }
    return [...rows];
  });
  if (removed.length === 0) throw new AppError("export.not_found", {});
  await removeFiles(ctx, removed);
}

/** An export belongs to the principal that started its job. */
async function requireOwn(ctx: Context, principal: Principal, id: string): Promise<void> {
  const [found] = await ctx.db.sql<{ requester: string | null }[]>`
    select requester from exports left join jobs using (id) where exports.id::text = ${id}`;
  if (!found) throw new AppError("export.not_found", {});
  if (found.requester === principalKey(principal)) return;
  throw new AppError("export.not_owner", {});
}

/**
 * Deletes expired exports by PostgreSQL's clock, and files that killed processes left in the folder.
 * @param options.createdBefore deletes all older exports, instead of expired ones
 * @param options.dryRun only counts, by the same condition
 * @throws AppError files.* before anything is deleted, when the store is unavailable
 */
export async function expireExports(
  ctx: Context,
  options: { createdBefore?: Instant; dryRun?: boolean; signal?: AbortSignal } = {},
): Promise<ExportsExpired> {
  const { createdBefore, dryRun = false, signal } = options;
  const { sql } = ctx.db;
  const expiredBy = instantOf(await databaseNow(sql));
  const isExpired = isExpiredSql(sql, createdBefore === undefined ? { expiredBy } : { createdBefore });
  const [matched] = await sql<{ count: number; bytes: string }[]>`
    select count(*)::int as count, coalesce(sum(size_bytes), 0) as bytes from exports where ${isExpired}`;
  const count = matched?.count ?? 0;
  if (dryRun) return { matched_count: count, deleted_count: 0, freed_bytes: 0 };

  // Otherwise files would remain whose records are deleted, and each would be waited for.
  await ctx.files.current.check();
  let deleted = 0;
  let freed = 0;
  for (let more = true; more; ) {
    signal?.throwIfAborted();
    const removed = await sql.begin(async (tx) => {
      const rows = await tx<RemovedFile[]>`
        delete from exports
        where id in (select id from exports where ${isExpired} order by created_at limit ${AT_ONCE} for update skip locked)
        returning id, file_name, store, size_bytes`;
      for (const row of rows) {
        await recordAudit(ctx, SYSTEM, "export.expire", { export_id: row.id, file_name: row.file_name }, tx);
      }
      return [...rows];
    });
    freed += await removeFiles(ctx, removed);
    deleted += removed.length;
    more = removed.length === AT_ONCE;
  }
  await sweepExports(ctx);
  return { matched_count: Math.max(count, deleted), deleted_count: deleted, freed_bytes: freed };
}

/** Exports expired at a time, or all created before one. */
export type ExpiryRule = { readonly expiredBy: Instant } | { readonly createdBefore: Instant };

/** The one condition of preview, dry run and removal. */
export function isExpiredSql(sql: Sql, rule: ExpiryRule) {
  return "expiredBy" in rule ? sql`expires_at <= ${rule.expiredBy}` : sql`created_at < ${rule.createdBefore}`;
}

/**
 * Removes files. One that cannot be removed now, or is on another machine's disk, is removed by a sweep.
 * @returns the removed bytes
 */
async function removeFiles(ctx: Context, files: readonly RemovedFile[]): Promise<number> {
  let bytes = 0;
  for (const { file_name, store, size_bytes } of files) {
    try {
      await (await ctx.files.of(store)).remove(filePathOf(file_name));
      bytes += Number(size_bytes);
    } catch (error) {
      ctx.log.warn({ err: error, file_name }, "file of a deleted export not removed; it will be retried");
    }
  }
  return bytes;
}
