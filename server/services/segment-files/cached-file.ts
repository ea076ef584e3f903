import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { FileStore } from "@/server/files";
import { AppError, causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { RecordedFile } from "./segment";
import { fileTasks } from "./shared-tasks";
import { DamagedFile, forgetFile, verifyFile } from "./verify-file";

/** Files that were used this recently are not removed, because a query may be about to open them. */
const IN_USE_MS = 10 * 60_000;
const TOUCH_EVERY_MS = 60_000;
/** Files beside a copy: its last use, and the checksum of one that was converted. */
const COMPANIONS = [".used", ".json"] as const;

/** When this process recorded the use of each file. */
const touched = new Map<string, number>();

/** Returns the path of the local copy of a file in an object store; undefined if there is none. */
export async function cachedCopy(ctx: Pick<Context, "config">, recorded: RecordedFile): Promise<string | undefined> {
  const file = await pathOf(ctx, recorded);
  await recordUse(file);
  try {
    await verifyFile(file, recorded);
    return file;
  } catch (error) {
    // A damaged copy is fetched again.
    if (error instanceof DamagedFile || causeCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Returns the local copy of a file in an object store. When a copy is added, those that have not been used for longest
 * are removed while all exceed the limit. Two files are downloaded at once; a download that has started is completed.
 * @param signal ends the wait
 * @throws DamagedFile, AppError files.*, columnar.no_cache_space if the disk is nearly full, the signal's reason
 */
export async function cachedFile(
  ctx: Pick<Context, "config">,
  store: FileStore,
  recorded: RecordedFile,
  { signal, maxBytes = ctx.config.explore.cacheBytes }: { signal?: AbortSignal; maxBytes?: number } = {},
): Promise<string> {
  const copy = await cachedCopy(ctx, recorded);
  if (copy !== undefined) return copy;
  const file = await pathOf(ctx, recorded);
  const { downloads, pendingBytes } = fileTasks();
  const download = async () => {
    pendingBytes.set(file, recorded.sizeBytes);
    try {
      await removeUnused(path.dirname(file), maxBytes - recorded.sizeBytes);
      await requireDisk(ctx, recorded.sizeBytes);
      await fetchFile(store, recorded, file);
      await recordUse(file);
    } finally {
      pendingBytes.delete(file);
    }
    await removeUnused(path.dirname(file), maxBytes);
  };
  await downloads.run(file, download, signal);
  return file;
}

/**
 * Checks that files which a query needs fit into the cache beside those in use.
 * @throws AppError columnar.no_cache_space
 */
export async function requireCacheSpace(ctx: Pick<Context, "config">, files: readonly RecordedFile[]): Promise<void> {
  if (files.length === 0) return;
  const folder = await cacheFolder(ctx);
  const { pendingBytes } = fileTasks();
  const needed = new Map(pendingBytes);
  for (const recorded of files) needed.set(await pathOf(ctx, recorded), recorded.sizeBytes);
  const bytes = [...needed.values()].reduce((sum, size) => sum + size, 0);
  const isCounted = (file: string) => [...needed.keys()].some((one) => file.startsWith(one));
  const inUse = (await cachedFiles(folder)).filter(({ file, usedAt }) => isInUse(usedAt) && !isCounted(file));
  const used = inUse.reduce((sum, { size }) => sum + size, 0);
  if (bytes + used > ctx.config.explore.cacheBytes) throw new AppError("columnar.no_cache_space", {});
  await requireDisk(ctx, bytes);
}

/** Checks that the disk is not nearly full with these bytes. @throws AppError columnar.no_cache_space */
async function requireDisk({ config }: Pick<Context, "config">, bytes: number): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(config.dataDir);
  const free = bavail * bsize - bytes;
  if (free < blocks * bsize * (1 - config.alerts.diskUsage)) throw new AppError("columnar.no_cache_space", {});
}

async function pathOf(ctx: Pick<Context, "config">, { sha256 }: RecordedFile): Promise<string> {
  return path.join(await cacheFolder(ctx), `${sha256}.parquet`);
}

/** Returns the folder of the cache. */
export async function cacheFolder({ config }: Pick<Context, "config">): Promise<string> {
  const folder = path.join(config.dataDir, "columnar", "cache");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Records the time of use in a file beside it: a change of the file's own times would require another verification. */
export async function recordUse(file: string): Promise<void> {
  const now = performance.now();
  if (now - (touched.get(file) ?? Number.NEGATIVE_INFINITY) < TOUCH_EVERY_MS) return;
  if (!(await exists(file))) return;
  await writeFile(`${file}.used`, "", { mode: 0o600 });
  touched.set(file, now);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (causeCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function fetchFile(store: FileStore, recorded: RecordedFile, file: string): Promise<void> {
  const part = `${file}.${randomUUID()}.part`;
  try {
    await pipeline(await store.open(recorded.path), createWriteStream(part, { mode: 0o600, flags: "wx" }));
    await verifyFile(part, recorded);
    await rename(part, file);
  } finally {
    forgetFile(part);
    await rm(part, { force: true });
  }
}

/** Removes the files that have not been used for longest while all exceed the limit. */
export async function removeUnused(folder: string, maxBytes: number): Promise<void> {
  const files = (await cachedFiles(folder)).sort((a, b) => a.usedAt - b.usedAt);
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size, usedAt } of files) {
    if (bytes <= maxBytes || isInUse(usedAt)) return;
    await rm(file, { force: true });
    for (const suffix of COMPANIONS) await rm(file + suffix, { force: true });
    forgetFile(file);
    touched.delete(file);
    bytes -= size;
  }
}

const isInUse = (usedAt: number) => Date.now() - usedAt < IN_USE_MS;

interface CachedFile {
  readonly file: string;
  readonly size: number;
  readonly usedAt: number;
}

async function cachedFiles(folder: string): Promise<CachedFile[]> {
  const entries = await Promise.all((await readdir(folder)).map((name) => describe(path.join(folder, name))));
  return entries.flatMap((entry) => entry ?? []);
}

/** Returns a copy, or a download that a dead process left, with the time of its last use; undefined for other files. */
async function describe(file: string): Promise<CachedFile | undefined> {
  if (COMPANIONS.some((suffix) => file.endsWith(suffix))) return undefined;
  try {
    const [own, used] = await Promise.all([stat(file), stat(`${file}.used`).catch(() => undefined)]);
    return { file, size: own.size, usedAt: (used ?? own).mtimeMs };
  } catch (error) {
    // Another process removed it.
    if (causeCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
