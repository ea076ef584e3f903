import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError, causeCode } from "@/server/lib/errors";
import { unlessAborted } from "@/server/lib/unless-aborted";
import type { Context } from "@/server/process/context";
import {
  availableFile,
  cacheFolder,
  DamagedFile,
  FilesNeeded,
  fileTasks,
  localFile,
  recordUse,
  removeUnused,
  verifyFile,
} from "@/server/services/segment-files";
import type { ArchivePart } from "./archive-parts";
import { convertRows } from "./convert-rows";
import { fileDigest } from "./file-digest";
import { archiveFormat } from "./format";
import { damageOf, problemOf } from "./problem";
import { requireArchiveFile } from "./read-archive";

/** Changes with the layout of the files. */
const LAYOUT = 1;

/** Seconds. */
const RETRY_AFTER = 15;

/**
 * Returns local Parquet files with the rows of archives: their own files, or for CSV archives copies in the cache.
 * @throws FilesNeeded if files must be fetched or prepared first; AppError archive.not_searchable for a damaged file,
 * files.*, columnar.*
 */
export async function searchableFiles(ctx: Context, archives: readonly ArchivePart[]): Promise<string[]> {
  const files: string[] = [];
  const missing: ArchivePart[] = [];
  for (const archive of archives) {
    const file = await naming(archive, async () => {
      if (!isParquet(archive)) return await completeCopy(await copyPath(ctx, archive));
      await requireArchiveFile(ctx, archive);
      return await availableFile(ctx, archive);
    });
    if (file === undefined) missing.push(archive);
    else files.push(file);
  }
  if (missing.length > 0) throw neededFiles(ctx, missing);
  return files;
}

const isParquet = (archive: ArchivePart) => archiveFormat(archive.path) === "parquet";

/** Damage is reported with the month. */
async function naming<T>(archive: ArchivePart, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (damageOf(error) === null) throw error;
    throw new AppError("archive.not_searchable", { months: archive.month }, { cause: error });
  }
}

/** The preparations of CSV archives continue when the query that needs them has ended. */
function neededFiles(ctx: Context, archives: readonly ArchivePart[]): FilesNeeded {
  const pending = new Set(archives);
  const fetchOne = async (archive: ArchivePart, signal: AbortSignal) => {
    await naming(archive, async () => {
      if (isParquet(archive)) await localFile(ctx, archive, signal);
      else await unlessAborted(prepared(ctx, archive), signal);
    });
    pending.delete(archive);
  };
  return new FilesNeeded({
    files: archives.filter(isParquet),
    fetch: (signal) => Promise.all(archives.map((archive) => fetchOne(archive, signal))),
    explain: () => {
      const months = new Set([...pending].filter((archive) => !isParquet(archive)).map(({ month }) => month));
      const options = { retryAfter: RETRY_AFTER };
      if (months.size === 0) return new AppError("columnar.files_not_fetched", {}, options);
      return new AppError("archive.being_prepared", { months: [...months].sort().join(", ") }, options);
    },
  });
}

async function copyPath(ctx: Context, archive: ArchivePart): Promise<string> {
  return path.join(await cacheFolder(ctx), `${archive.sha256}-${LAYOUT}.csv.parquet`);
}

/** Prepares a copy on behalf of all that search, one at a time, so that neither a user nor a time limit ends it. */
async function prepared(ctx: Context, archive: ArchivePart): Promise<void> {
  const file = await copyPath(ctx, archive);
  await fileTasks().preparations.run(file, async () => {
    if ((await completeCopy(file)) !== undefined) return;
    try {
      await prepare({ ...ctx, columnar: ctx.columnar.system }, archive, file);
    } catch (error) {
      ctx.log.warn({ err: error, archive: archive.id }, "a CSV archive could not be prepared for search");
      throw error;
    }
  });
}

const digest = z.object({ sizeBytes: z.number(), sha256: z.string() });

const digestOf = (file: string) => `${file}.json`;

/** Returns the copy if it exists and equals what was written. */
async function completeCopy(file: string): Promise<string | undefined> {
  await recordUse(file);
  try {
    await verifyFile(file, digest.parse(JSON.parse(await readFile(digestOf(file), "utf8"))));
    return file;
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof SyntaxError || causeCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Milliseconds, so that a pause after a stall of the machine is short. */
const MAX_PAUSE_MS = 200;

/**
 * Returns a pause as long as the work before it: rows are parsed on the thread that answers requests, which may use half
 * of its time.
 */
function makePause(): () => Promise<void> {
  let beganAt = performance.now();
  return async () => {
    await sleep(Math.min(performance.now() - beganAt, MAX_PAUSE_MS));
    beganAt = performance.now();
  };
}

async function prepare(ctx: Context, archive: ArchivePart, file: string): Promise<void> {
  const problem = await problemOf(ctx, archive);
  if (problem !== null) throw new AppError("archive.not_searchable", { months: archive.month });
  const folder = await ctx.columnar.makeFolder();
  try {
    const copy = path.join(folder, "rows.parquet");
    const { rows } = await convertRows(ctx, archive, copy, {
      signal: ctx.stopping,
      ignoresLostColumns: true,
      pause: makePause(),
    });
    if (rows !== archive.rowCount) throw new AppError("archive.rows_lost", { rows, expected: archive.rowCount });
    const part = `${digestOf(file)}.${randomUUID()}.part`;
    await writeFile(part, JSON.stringify(await fileDigest(copy)), { mode: 0o600 });
    await rename(part, digestOf(file));
    await rename(copy, file);
    await removeUnused(path.dirname(file), ctx.config.explore.cacheBytes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
