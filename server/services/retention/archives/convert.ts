import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { LOG_TABLE_NAMES, type LogTable, type LogTableName, logTables } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import type { FileStore } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import {
  archiveOf,
  archivePathIn,
  convertRows,
  manifestPath,
  parquetContent,
  problemOf,
} from "@/server/services/archive-files";
import { recordAudit } from "@/server/services/audit";
import { UNFENCED } from "@/server/services/jobs";
import { type Maintenance, withMaintenance } from "@/server/services/tables";
import { FORMATS, type Manifest, manifestBytes, parquetColumnNames } from "./manifest";
import { type Archive, archiveFacts, csvArchives, recordConverted, recordVerified } from "./records";

export interface ConvertResult {
  readonly converted: number;
  readonly rows: number;
  readonly bytes_before: number;
  readonly bytes_after: number;
  /** Archives whose file is missing or corrupted. They remain. */
  readonly damaged: number;
  /** Archives on disks and in object stores that this process cannot read. */
  readonly elsewhere: number;
}

interface Converting {
  readonly ctx: Context;
  readonly maintenance: Maintenance;
  readonly signal: AbortSignal;
}

/**
 * Converts CSV archives to Parquet, one at a time: the new file is written and compared with the old one row by row, the
 * record is changed in one transaction, and the old file is removed. It can be interrupted and repeated at any time.
 * @param ids the archives; all if empty
 * @throws AppError NOT_FOUND; CONFLICT while a cleanup or restore of the table or a backup runs; files.*, columnar.*
 */
export async function convertArchives(
  ctx: Context,
  ids: readonly string[],
  { signal, onArchive }: { signal: AbortSignal; onArchive: (archive: Archive) => void },
): Promise<ConvertResult> {
  const total = { converted: 0, rows: 0, bytes_before: 0, bytes_after: 0, damaged: 0, elsewhere: 0 };
  try {
    for (const table of LOG_TABLE_NAMES) {
      // No cleanup or restore reads a file that is being converted.
      await withMaintenance(ctx, table, UNFENCED, async (maintenance) => {
        const converting = { ctx, maintenance, signal };
        await removeLeftovers(ctx, table);
        for (const archive of await csvArchives(maintenance.sql, table, ids)) {
          signal.throwIfAborted();
          if (!isReadable(ctx, archive)) {
            total.elsewhere++;
            continue;
          }
          const problem = await problemOf(ctx, archive);
          if (problem !== null) {
            ctx.log.error({ archive: archive.id, problem }, "an archive is corrupted; not converted");
            await maintenance.transaction((tx) => recordVerified(tx, archive, problem));
            total.damaged++;
            continue;
          }
          const sizeBytes = await convertOne(converting, archive);
          total.converted++;
          total.rows += archive.rowCount;
          total.bytes_before += archive.sizeBytes;
          total.bytes_after += sizeBytes;
          onArchive(archive);
        }
      });
    }
  } finally {
    await recordAudit(ctx, COMMAND_LINE, "archive.convert", total);
  }
  return total;
}

function isReadable({ files }: Context, { store }: Archive): boolean {
  return files.all.some(({ id, target }) => (store === null ? target.kind === "disk" : id === store));
}

/** @returns the size of the new file */
async function convertOne({ ctx, maintenance, signal }: Converting, archive: Archive): Promise<number> {
  const table: LogTable = logTables[archive.table];
  const store = await ctx.files.of(archive.store);
  const target = archivePathIn(archive.path, "parquet");
  const folder = await ctx.columnar.makeFolder();
  let isRecording = false;
  try {
    const file = path.join(folder, "rows.parquet");
    const content = await convertRows(ctx, archive, file, { signal });
    const written = await store.write(target, createReadStream(file), signal);
    const { rows, sha256 } = await parquetContent(ctx, { path: target, store: archive.store, ...written });
    if (rows !== archive.rowCount || sha256 !== content.sha256)
      throw new AppError("archive.rows_lost", { rows, expected: archive.rowCount });
    const manifest: Manifest = {
      id: archive.id,
      table: archive.table,
      month: archive.month,
      ...(await archiveFacts(maintenance.sql, archive.id)),
      file: target,
      rows,
      sha256: written.sha256,
      size_bytes: written.sizeBytes,
      columns: parquetColumnNames(table),
      format: FORMATS.parquet,
    };
    await store.write(manifestPath(target), manifestBytes(manifest), signal);
    isRecording = true;
    await replaceFile({ ctx, maintenance, signal }, archive, { path: target, ...written });
    return written.sizeBytes;
  } catch (error) {
    // A commit whose answer was lost may still take effect: the next conversion removes the unused file.
    if (!isRecording) await removeFiles(store, target).catch(() => {});
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Changes the record, and removes the old file, which a backup that has started may still need. */
async function replaceFile(
  { ctx, maintenance }: Converting,
  archive: Archive,
  file: { path: string; sizeBytes: number; sha256: string },
): Promise<void> {
  const { sql } = maintenance;
  const [lock] = await sql<{ taken: boolean }[]>`select pg_try_advisory_lock(${LOCKS.archiveFiles}, 0) as taken`;
  if (!lock?.taken) throw new AppError("archive.backup_running", {});
  try {
    await maintenance.transaction((tx) => recordConverted(tx, archive, file), "durable");
    await removeFiles(await ctx.files.of(archive.store), archive.path);
  } finally {
    await sql`select pg_advisory_unlock(${LOCKS.archiveFiles}, 0)`;
  }
}

async function removeFiles(store: FileStore, path: string): Promise<void> {
  await store.remove(manifestPath(path));
  await store.remove(path);
}

/** Removes the files of interrupted conversions: of two formats of an archive, the one that is not recorded. */
async function removeLeftovers(ctx: Context, table: LogTableName): Promise<void> {
  for (const store of ctx.files.all) {
    for await (const { key } of store.list(`archives/${table}/`)) {
      const file = archiveOf(key);
      const both = [archivePathIn(file, "parquet"), archivePathIn(file, "csv.gz")];
      const [recorded] = await ctx.db.sql<{ path: string }[]>`
        select path from archives where path in ${ctx.db.sql(both)} and state <> 'writing'`;
      if (recorded && recorded.path !== file) await store.remove(key);
    }
  }
}
