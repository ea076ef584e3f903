import { randomUUID } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, statfs } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { AppError, causeCode, fileErrorCode, NO_ROOM_CODES } from "@/server/lib/errors";
import { openWithStats } from "@/server/lib/open-file";
import { untilAborted } from "@/server/lib/until-aborted";
import { diskId, requireDisk } from "./disk-identity";
import type { ByteRange, FileStore, StoredFile, StoreTarget } from "./file-store";
import { hashed } from "./hashed";
import { requireKey } from "./key";
import { syncFolder } from "./sync-folder";

/** Bytes between syncs, so that the final sync has little left to do. */
const SYNC_EVERY_BYTES = 32 * 1024 * 1024;
const READ_BYTES = 256 * 1024;
/** The name of a file that is being written: `.NAME.UUID.part`. `.partial` was written by version 0.1. */
const PART = /^\.(.+)\.[0-9a-f-]{36}\.part$|^(.+)\.partial$/;

/**
 * Opens the file store in `folder`. Its first process creates the identity of this disk.
 * @throws AppError files.denied, files.no_space
 */
export async function openDiskStore(folder: string): Promise<FileStore> {
  const id = await translated(() => diskId(folder));
  return new DiskStore(folder, `disk:${id}`);
}

/** Creates a store of the files in `folder`. See openDiskStore. */
export class DiskStore implements FileStore {
  readonly location: string;
  readonly target: StoreTarget;

  constructor(
    private readonly folder: string,
    readonly id: string,
  ) {
    this.location = `${hostname()}:${folder}`;
    this.target = { kind: "disk", folder, id };
  }

  async write(key: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
    const file = this.#pathOf(key);
    const parent = path.dirname(file);
    const part = path.join(parent, `.${path.basename(file)}.${randomUUID()}.part`);
    const source = hashed(untilAborted(bytes, signal));
    try {
      await this.#requireDisk();
      await translated(() => this.#makeFolder(parent));
      await writeSynced(part, source.bytes);
      signal?.throwIfAborted();
      await translated(async () => {
        await rename(part, file);
        await syncFolder(parent);
      });
      return source.result();
    } catch (error) {
      await rm(part, { force: true }).catch(() => {
        // A later removeIncomplete removes it.
      });
      throw error;
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    try {
      return await this.#openFile(key, range);
    } catch (error) {
      if (error instanceof AppError && error.code === "files.missing") await this.#requireDisk();
      throw error;
    }
  }

  async #openFile(key: string, range?: ByteRange): Promise<Readable> {
    return await translated(async () => {
      // A link in its place is not the file that was written.
      const { handle, stats } = await openWithStats(this.#pathOf(key), constants.O_RDONLY | constants.O_NOFOLLOW);
      if (!stats.isFile()) {
        await handle.close();
        throw new AppError("files.missing", {});
      }
      const stream = handle.createReadStream({ ...range, highWaterMark: READ_BYTES });
      return Readable.from(translatedBlocks(stream), { objectMode: false, highWaterMark: READ_BYTES }).once(
        "close",
        // A stream that is destroyed before its first read never closes the file.
        () => stream.destroy(),
      );
    });
  }

  async stat(key: string): Promise<StoredFile | null> {
    const stats = await translated(() =>
      lstat(this.#pathOf(key)).catch((error: unknown) => {
        if (MISSING.has(causeCode(error) ?? "")) return undefined;
        throw error;
      }),
    );
    if (stats?.isFile()) return { key, sizeBytes: stats.size, modifiedAt: stats.mtime };
    await this.#requireDisk();
    return null;
  }

  async *list(prefix: string): AsyncGenerator<StoredFile, void> {
    await this.#requireDisk();
    for await (const key of this.#keys(prefix)) {
      if (keyOfPart(key) !== undefined) continue;
      const file = await this.stat(key);
      if (file) yield file;
    }
  }

  async remove(key: string): Promise<void> {
    await this.#requireDisk();
    await translated(async () => {
      const file = this.#pathOf(key);
      try {
        await rm(file, { force: true });
        await syncFolder(path.dirname(file));
      } catch (error) {
        // The folder does not exist, hence neither does the file.
        if (!MISSING.has(causeCode(error) ?? "")) throw error;
      }
    });
  }

  async removeIncomplete(prefix: string, isInUse: (key: string) => Promise<boolean>): Promise<void> {
    const entries = await translated(() => entriesOf(path.join(this.folder, prefix)));
    for (const { name } of entries) {
      const key = keyOfPart(`${prefix}${name}`);
      if (key !== undefined && !(await isInUse(key))) await this.remove(`${prefix}${name}`);
    }
  }

  async check(): Promise<void> {
    await this.#requireDisk();
    await this.freeBytes();
  }

  async freeBytes(): Promise<number> {
    return await translated(async () => {
      const { bavail, bsize } = await statfs(this.folder);
      return bavail * bsize;
    });
  }

  async downloadUrl(): Promise<null> {
    return null;
  }

  /**
   * While the disk is not mounted, its folder is an empty one on another disk: files written there would be hidden later,
   * and none is missing.
   */
  async #requireDisk(): Promise<void> {
    await translated(() => requireDisk(this.folder, this.id));
  }

  #pathOf(key: string): string {
    return path.join(this.folder, requireKey(key));
  }

  /** Creates the folder and its parents, and syncs their directory entries to disk. */
  async #makeFolder(folder: string): Promise<void> {
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (created === undefined) return;
    for (let at = folder; at.startsWith(this.folder); at = path.dirname(at)) await syncFolder(at);
  }

  async *#keys(prefix: string): AsyncGenerator<string, void> {
    const entries = await translated(() => entriesOf(path.join(this.folder, prefix)));
    for (const entry of entries) {
      const key = `${prefix}${entry.name}`;
      if (entry.isDirectory()) yield* this.#keys(`${key}/`);
      else if (entry.isFile()) yield key;
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (MISSING.has(causeCode(error) ?? "")) return [];
    throw error;
  }
}

/** Returns the key of the file that is being written under a partial name. */
function keyOfPart(key: string): string | undefined {
  const { dir, base } = path.posix.parse(key);
  const match = PART.exec(base);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? undefined : path.posix.join(dir, name);
}

async function writeSynced(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await translated(() => open(file, "wx", 0o600));
  let unsynced = 0;
  let syncing: Promise<void> | undefined;
  try {
    for await (const block of bytes) {
      await translated(() => handle.writeFile(block));
      unsynced += block.length;
      if (unsynced < SYNC_EVERY_BYTES) continue;
      unsynced = 0;
      await syncing;
      syncing = translated(() => handle.datasync());
      // A failure is reported at the next await.
      syncing.catch(() => {});
    }
    await syncing;
    await translated(() => handle.sync());
  } finally {
    await syncing?.catch(() => {});
    await handle.close();
  }
}

async function* translatedBlocks(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  try {
    yield* bytes;
  } catch (error) {
    throw explain(error);
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
}

const MISSING = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR"]);
const DENIED = new Set(["EACCES", "EPERM", "EROFS"]);

/** Converts a file error into an error for users; other errors are unchanged. */
function explain(error: unknown): unknown {
  const code = fileErrorCode(error);
  if (code === undefined || !(error instanceof Error && "syscall" in error)) return error;
  if (MISSING.has(code) && error.syscall !== "mkdir" && error.syscall !== "rename")
    return new AppError("files.missing", {}, { cause: error });
  if (NO_ROOM_CODES.has(code)) return new AppError("files.no_space", {}, { retryAfter: 60, cause: error });
  if (DENIED.has(code)) return new AppError("files.denied", { reason: code }, { retryAfter: 60, cause: error });
  return new AppError("files.unreachable", { reason: code }, { retryAfter: 60, cause: error });
}
