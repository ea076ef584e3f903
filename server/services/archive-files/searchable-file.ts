import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { AppError, causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { cacheFolder, DamagedFile, recordUse, removeUnused, verifyFile } from "@/server/services/segment-files";
import type { ArchivePart } from "./archive-parts";
import { convertRows } from "./convert-rows";
import { fileDigest } from "./file-digest";
import { archiveFormat } from "./format";
import { damageOf, problemOf } from "./problem";
import { localArchive } from "./read-archive";

/** Requests end after ten seconds. */
const WAIT_MS = 6_000;
/** Changes with the layout of the files. */
const LAYOUT = 1;

/** CSV archives that are being prepared, by file, so that concurrent searches share the work. */
const preparing = new Map<string, Promise<void>>();

/**
 * Returns a local Parquet file with the rows of an archive: its own file, or for a CSV archive a copy in the cache, which
 * is written at its first search.
 * @throws AppError archive.not_searchable for a damaged file; archive.being_prepared while the copy is written, which
 * continues; files.*, columnar.*
 */
export async function searchableFile(ctx: Context, archive: ArchivePart): Promise<string> {
  try {
    if (archiveFormat(archive.path) === "parquet") return await localArchive(ctx, archive);
    return await preparedCopy(ctx, archive);
  } catch (error) {
    if (damageOf(error) === null) throw error;
    throw new AppError("archive.not_searchable", { months: archive.month }, { cause: error });
  }
}

async function preparedCopy(ctx: Context, archive: ArchivePart): Promise<string> {
  const file = path.join(await cacheFolder(ctx), `${archive.sha256}-${LAYOUT}.csv.parquet`);
  await recordUse(file);
  if (await isComplete(file)) return file;
  let preparation = preparing.get(file);
  if (!preparation) {
    preparation = prepare(ctx, archive, file).finally(() => preparing.delete(file));
    // The request that waits for it may have ended.
    preparation.catch((error: unknown) => {
      ctx.log.warn({ err: error, archive: archive.id }, "a CSV archive could not be prepared for search");
    });
    preparing.set(file, preparation);
  }
  const end = new AbortController();
  try {
    const isReady = await Promise.race([
      preparation.then(() => true),
      sleep(WAIT_MS, false, { signal: end.signal }).catch(() => false),
    ]);
    if (!isReady) throw new AppError("archive.being_prepared", { month: archive.month }, { retryAfter: 15 });
  } finally {
    end.abort();
  }
  return file;
}

const digest = z.object({ sizeBytes: z.number(), sha256: z.string() });

const digestOf = (file: string) => `${file}.json`;

/** Whether the copy exists and equals what was written. */
async function isComplete(file: string): Promise<boolean> {
  try {
    await verifyFile(file, digest.parse(JSON.parse(await readFile(digestOf(file), "utf8"))));
    return true;
  } catch (error) {
    if (error instanceof DamagedFile || error instanceof SyntaxError || causeCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function prepare(ctx: Context, archive: ArchivePart, file: string): Promise<void> {
  const problem = await problemOf(ctx, archive);
  if (problem !== null) throw new AppError("archive.not_searchable", { months: archive.month });
  const folder = await ctx.columnar.makeFolder();
  try {
    const copy = path.join(folder, "rows.parquet");
    const { rows } = await convertRows(ctx, archive, copy, { ignoresLostColumns: true });
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
