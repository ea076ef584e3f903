import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { FileStore } from "@/server/files";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { RecordedFile } from "./segment";
import { DamagedFile, forgetFile, verifyFile } from "./verify-file";

/** Files that were used this recently are not removed, because a query may be about to open them. */
const IN_USE_MS = 10 * 60_000;
const TOUCH_EVERY_MS = 60_000;

/** Downloads under way, by file, so that concurrent queries share them. */
const downloads = new Map<string, Promise<void>>();
/** When this process recorded the use of each file. */
const touched = new Map<string, number>();

/**
 * Returns the local copy of a file in an object store. When a copy is added, those that have not been used for longest
 * are removed while all exceed the limit.
 * @throws DamagedFile, AppError files.*
 */
export async function cachedFile(
  ctx: Pick<Context, "config">,
  store: FileStore,
  recorded: RecordedFile,
  maxBytes = ctx.config.explore.cacheBytes,
): Promise<string> {
  const folder = await cacheFolder(ctx);
  const file = path.join(folder, `${recorded.sha256}.parquet`);
  await recordUse(file);
  try {
    await verifyFile(file, recorded);
    return file;
  } catch (error) {
    // A damaged copy is fetched again.
    if (!(error instanceof DamagedFile) && causeCode(error) !== "ENOENT") throw error;
  }
  let download = downloads.get(file);
  if (!download) {
    download = fetchFile(store, recorded, file)
      .then(() => removeUnused(folder, maxBytes))
      .finally(() => downloads.delete(file));
    downloads.set(file, download);
  }
  await download;
  return file;
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
  await writeFile(`${file}.used`, "", { mode: 0o600 });
  touched.set(file, now);
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
  const entries = await Promise.all((await readdir(folder)).map((name) => describe(path.join(folder, name))));
  const files = entries.flatMap((entry) => entry ?? []).sort((a, b) => a.usedAt - b.usedAt);
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size, usedAt } of files) {
    if (bytes <= maxBytes || Date.now() - usedAt < IN_USE_MS) return;
    await rm(file, { force: true });
    await rm(`${file}.used`, { force: true });
    forgetFile(file);
    touched.delete(file);
    bytes -= size;
  }
}

/** Returns a copy, or a download that a dead process left, with the time of its last use; undefined for other files. */
async function describe(file: string): Promise<{ file: string; size: number; usedAt: number } | undefined> {
  if (file.endsWith(".used")) return undefined;
  try {
    const [own, used] = await Promise.all([stat(file), stat(`${file}.used`).catch(() => undefined)]);
    return { file, size: own.size, usedAt: (used ?? own).mtimeMs };
  } catch (error) {
    // Another process removed it.
    if (causeCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
