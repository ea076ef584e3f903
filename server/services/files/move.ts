import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { FileStore, FileStores } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { UNFENCED } from "@/server/services/jobs";
import { withMaintenance } from "@/server/services/tables";

export interface MoveResult {
  readonly moved: number;
  readonly moved_bytes: number;
  /** Files that are missing or differ from their record. They remain where they are. */
  readonly damaged: number;
  /** Files on disks and in object stores that this process cannot read. */
  readonly elsewhere: number;
}

/** A recorded file. */
interface FileRecord {
  readonly id: string;
  readonly key: string;
  readonly store: string | null;
  readonly sha256: string;
  /** An additional file in the same folder, without a checksum. */
  readonly manifest?: string;
}

interface Moving {
  readonly ctx: Context;
  readonly to: FileStore;
  readonly signal: AbortSignal;
  readonly onFile: (moved: number) => void;
}

/**
 * Moves the files of exports and archives to this process's disk or object store, while the product runs. Each file is
 * copied, compared with its checksum, recorded and then removed from its old location, so that an interrupted move can
 * be repeated.
 * @throws AppError files.*, files.no_object_store; CONFLICT while a cleanup or restore of a log table runs
 */
export async function moveFiles(
  ctx: Context,
  kind: "disk" | "s3",
  { signal, onFile }: Pick<Moving, "signal" | "onFile">,
): Promise<MoveResult> {
  const to = ctx.files.all.find(({ target }) => target.kind === kind);
  if (!to) throw new AppError("files.no_object_store", {});
  const moving: Moving = { ctx, to, signal, onFile };
  const total = { moved: 0, moved_bytes: 0, damaged: 0, elsewhere: 0 };
  await moveRecords(moving, "exports", await exportRecords(moving), total);
  for (const table of LOG_TABLE_NAMES) {
    // No cleanup or restore reads a file that is being moved.
    await withMaintenance(ctx, table, UNFENCED, async () => {
      await moveRecords(moving, "archives", await archiveRecords(moving, table), total);
    });
  }
  await recordAudit(ctx, COMMAND_LINE, "files.move", { to: to.location, ...total });
  return total;
}

async function exportRecords({ ctx, to }: Moving): Promise<FileRecord[]> {
  const rows = await ctx.db.sql<{ id: string; file_name: string; store: string | null; sha256: string }[]>`
    select id, file_name, store, sha256
    from exports
    where store is distinct from ${to.id} and expires_at > now()
    order by created_at`;
  return rows.map(({ file_name, ...row }) => ({ ...row, key: `exports/${file_name}` }));
}

async function archiveRecords({ ctx, to }: Moving, table: string): Promise<FileRecord[]> {
  const rows = await ctx.db.sql<{ id: string; path: string; store: string | null; sha256: string }[]>`
    select id, path, store, sha256
    from archives
    where table_name = ${table} and state in ('pending', 'removed') and store is distinct from ${to.id}
    order by created_at`;
  return rows.map(({ path, ...row }) => ({
    ...row,
    key: path,
    manifest: path.replace(/\.csv\.gz$/, ".manifest.json"),
  }));
}

async function moveRecords(
  { ctx, to, signal, onFile }: Moving,
  table: "exports" | "archives",
  records: readonly FileRecord[],
  total: { moved: number; moved_bytes: number; damaged: number; elsewhere: number },
): Promise<void> {
  for (const record of records) {
    signal.throwIfAborted();
    const from = reachable(ctx.files, record.store);
    if (!from) {
      total.elsewhere++;
      continue;
    }
    const sizeBytes = from === to ? (await to.stat(record.key))?.sizeBytes : await copy(from, to, record, signal);
    if (sizeBytes === undefined) {
      ctx.log.error(
        { file: record.key, store: from.location },
        "a file is missing or differs from its record; not moved",
      );
      total.damaged++;
      continue;
    }
    await ctx.db.sql`
      update ${ctx.db.sql(table)} set store = ${to.id}
      where id = ${record.id} and store is not distinct from ${record.store}`;
    if (from !== to) for (const key of keysOf(record)) await from.remove(key);
    total.moved++;
    total.moved_bytes += sizeBytes;
    onFile(total.moved);
  }
}

/** The store of a record, if this process can read it. Records of version 0.1 name none: their files are on the disk. */
function reachable({ all }: FileStores, id: string | null): FileStore | undefined {
  return all.find((store) => (id === null ? store.target.kind === "disk" : store.id === id));
}

const keysOf = ({ key, manifest }: FileRecord) => (manifest === undefined ? [key] : [key, manifest]);

/** @returns the size; undefined if the file is missing or differs from its checksum, in which case no copy remains */
async function copy(
  from: FileStore,
  to: FileStore,
  record: FileRecord,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (const key of keysOf(record)) if ((await from.stat(key)) === null) return undefined;
  if (record.manifest !== undefined) await to.write(record.manifest, await from.open(record.manifest), signal);
  const written = await to.write(record.key, await from.open(record.key), signal);
  if (written.sha256 === record.sha256) return written.sizeBytes;
  for (const key of keysOf(record)) await to.remove(key);
  return undefined;
}
