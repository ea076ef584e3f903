import type { Readable } from "node:stream";
import type { Sql, SqlExecutor } from "@/server/db/client";
import type { FileStore, FileStores } from "@/server/files";
import { AppError } from "@/server/lib/errors";
import { manifestPath } from "@/server/services/archive-files";
import { type DumpedFile, FILES } from "./contract";
import type { ArchiveWriter } from "./write-archive";

/** A file that the records of the snapshot name. */
export interface RecordedFile {
  readonly key: string;
  readonly store: string | null;
  readonly kind: "export" | "archive";
}

/** Lists the files that the records name. Records of older schemas have no store. */
export async function recordedFiles(tx: SqlExecutor): Promise<RecordedFile[]> {
  return await tx<RecordedFile[]>`
    select 'exports/' || file_name as key, to_jsonb(exports) ->> 'store' as store, 'export' as kind
    from exports
    where expires_at > now()
    union all
    select path, to_jsonb(archives) ->> 'store', 'archive'
    from archives
    where state in ('pending', 'removed')
    order by key`;
}

/** Returns the present store of a file, which may have been moved; undefined if its record was deleted or has expired. */
async function presentStore(sql: Sql, { key, kind }: RecordedFile): Promise<string | null | undefined> {
  const rows =
    kind === "export"
      ? await sql<{ store: string | null }[]>`
          select to_jsonb(exports) ->> 'store' as store
          from exports
          where 'exports/' || file_name = ${key} and expires_at > now()`
      : await sql<{ store: string | null }[]>`
          select to_jsonb(archives) ->> 'store' as store
          from archives
          where path = ${key} and state in ('pending', 'removed')`;
  return rows[0]?.store;
}

interface Dumping {
  readonly sql: Sql;
  readonly stores: FileStores;
  readonly writer: ArchiveWriter;
  readonly signal: AbortSignal;
  readonly onFile: (key: string) => void;
}

/**
 * Adds the files, after the tables: each file that a record of the snapshot names was complete before it, and is only
 * deleted with its record.
 * @throws AppError files.* if a store cannot be read
 */
export async function dumpFiles(dumping: Dumping, files: readonly RecordedFile[]): Promise<DumpedFile[]> {
  const dumped: DumpedFile[] = [];
  for (const file of files) {
    dumping.signal.throwIfAborted();
    dumping.onFile(file.key);
    dumped.push({ key: file.key, store: file.store, state: await dumpFile(dumping, file) });
  }
  return dumped;
}

async function dumpFile(dumping: Dumping, file: RecordedFile): Promise<DumpedFile["state"]> {
  for (let attempt = 1; ; attempt++) {
    const store = await presentStore(dumping.sql, file);
    if (store === undefined) return "removed";
    try {
      await copyFile(dumping, file, store);
      return "included";
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === "files.other_disk" || error.code === "files.store_not_configured") return "listed";
      if (error.code !== "files.missing") throw error;
      // It may just have been moved or deleted.
      if (attempt === 2) return "missing";
    }
  }
}

/**
 * Adds a file, and the manifest of an archive, if there is one.
 * @throws AppError files.missing before anything is added
 */
async function copyFile(dumping: Dumping, recorded: RecordedFile, id: string | null) {
  const { stores, writer, signal } = dumping;
  const { key, kind } = recorded;
  const store = await stores.of(id);
  const opened: OpenedFile[] = [];
  try {
    const file = await openFile(store, key);
    if (!file) throw new AppError("files.missing", {});
    opened.push(file);
    const manifest = kind === "archive" ? await openFile(store, manifestPath(key)) : undefined;
    const isMoved = kind === "archive" && !manifest && (await presentStore(dumping.sql, recorded)) !== id;
    if (isMoved) throw new AppError("files.missing", {});
    // First, because its bytes are few: the other stream does not wait long.
    if (manifest) opened.unshift(manifest);
    for (const { name, sizeBytes, bytes } of opened) {
      signal.throwIfAborted();
      await writer.add(name, sizeBytes, bytes);
    }
  } finally {
    for (const { bytes } of opened) bytes.destroy();
  }
}

interface OpenedFile {
  /** The name of its entry. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly bytes: Readable;
}

/** @throws AppError files.missing if it is removed at this moment */
async function openFile(store: FileStore, key: string): Promise<OpenedFile | undefined> {
  const found = await store.stat(key);
  return found ? { name: `${FILES}${key}`, sizeBytes: found.sizeBytes, bytes: await store.open(key) } : undefined;
}
