import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { FileStore, FileStores, WrittenFile } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { archiveOf, manifestPath } from "@/server/services/archive-files";
import { recordAudit } from "@/server/services/audit";
import { UNFENCED } from "@/server/services/jobs";
import { type Maintenance, withMaintenance } from "@/server/services/tables";

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

type Counts = { -readonly [Key in keyof MoveResult]: number };

interface Moving {
  readonly ctx: Context;
  readonly to: FileStore;
  readonly signal: AbortSignal;
  readonly onFile: (moved: number) => void;
  readonly total: Counts;
}

/** The records of one table, and how they are changed. */
interface Records {
  readonly list: readonly FileRecord[];
  /** Sets the store of a record. Returns false if another process changed it. */
  setStore(record: FileRecord, store: string): Promise<boolean>;
}

/**
 * Moves the files of exports and archives to this process's disk or object store, while the product runs. Each file is
 * copied, compared with its checksum, recorded and then removed from its old store, so that an interrupted move can be
 * repeated.
 * @throws AppError files.*, files.no_object_store; CONFLICT while a cleanup or restore of a log table runs
 */
export async function moveFiles(
  ctx: Context,
  kind: "disk" | "s3",
  { signal, onFile }: Pick<Moving, "signal" | "onFile">,
): Promise<MoveResult> {
  const to = ctx.files.all.find(({ target }) => target.kind === kind);
  if (!to) throw new AppError("files.no_object_store", {});
  const total = { moved: 0, moved_bytes: 0, damaged: 0, elsewhere: 0 };
  const moving: Moving = { ctx, to, signal, onFile, total };
  try {
    await moveRecords(moving, await exportRecords(moving));
    for (const table of LOG_TABLE_NAMES) {
      // No cleanup or restore reads a file that is being moved.
      await withMaintenance(ctx, table, UNFENCED, async (maintenance) => {
        await removeLeftovers(moving, table);
        await moveRecords(moving, await archiveRecords(moving, table, maintenance));
      });
    }
  } finally {
    await recordAudit(ctx, COMMAND_LINE, "files.move", { to: to.location, ...total });
  }
  return total;
}

async function exportRecords({ ctx, to }: Moving): Promise<Records> {
  const rows = await ctx.db.sql<{ id: string; file_name: string; store: string | null; sha256: string }[]>`
    select id, file_name, store, sha256
    from exports
    where store is distinct from ${to.id} and expires_at > now()
    order by created_at`;
  return {
    list: rows.map(({ file_name, ...row }) => ({ ...row, key: `exports/${file_name}` })),
    setStore: async ({ id, store }, newStore) => {
      const { count } = await ctx.db.sql`
        update exports set store = ${newStore} where id = ${id} and store is not distinct from ${store}`;
      return count > 0;
    },
  };
}

async function archiveRecords({ to }: Moving, table: LogTableName, maintenance: Maintenance): Promise<Records> {
  const rows = await maintenance.sql<{ id: string; path: string; store: string | null; sha256: string }[]>`
    select id, path, store, sha256
    from archives
    where table_name = ${table} and state in ('pending', 'removed') and store is distinct from ${to.id}
    order by created_at`;
  return {
    list: rows.map(({ path, ...row }) => ({ ...row, key: path, manifest: manifestPath(path) })),
    setStore: ({ id, store }, newStore) =>
      maintenance.transaction(async (tx) => {
        const { count } = await tx`
          update archives set store = ${newStore} where id = ${id} and store is not distinct from ${store}`;
        return count > 0;
      }, "durable"),
  };
}

/** Removes the files of archives that an interrupted move had already recorded as moved. Exports have a sweep. */
async function removeLeftovers({ ctx, to }: Moving, table: LogTableName): Promise<void> {
  for (const from of ctx.files.all) {
    if (from === to) continue;
    for await (const { key } of from.list(`archives/${table}/`)) {
      const moved = await ctx.db.sql`select from archives where path = ${archiveOf(key)} and store = ${to.id}`;
      if (moved.length > 0) await from.remove(key);
    }
  }
}

async function moveRecords(moving: Moving, { list, setStore }: Records): Promise<void> {
  const { ctx, to, signal, onFile, total } = moving;
  for (const record of list) {
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
    const isRecorded = await setStore(record, to.id);
    const unused = isRecorded ? from : to;
    if (from !== to) for (const key of keysOf(record)) await unused.remove(key);
    if (!isRecorded) continue;
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

/**
 * Copies a file and its manifest.
 * @returns the size; undefined if a file is missing or differs from its checksum, in which case no copy remains
 */
async function copy(
  from: FileStore,
  to: FileStore,
  record: FileRecord,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (const key of keysOf(record)) if ((await from.stat(key)) === null) return undefined;
  // No other process writes a file of this record.
  const folder = record.key.slice(0, record.key.lastIndexOf("/") + 1);
  await to.removeIncomplete(folder, async (key) => !keysOf(record).includes(key));
  if (record.manifest !== undefined) await copyOne(from, to, record.manifest, signal);
  const written = await copyOne(from, to, record.key, signal);
  if (written.sha256 === record.sha256) return written.sizeBytes;
  for (const key of keysOf(record)) await to.remove(key);
  return undefined;
}

async function copyOne(from: FileStore, to: FileStore, key: string, signal: AbortSignal): Promise<WrittenFile> {
  const source = await from.open(key);
  try {
    return await to.write(key, source, signal);
  } finally {
    source.destroy();
  }
}
