import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { createGunzip } from "node:zlib";
import { AppError, causeCode, fileErrorCode, NO_ROOM_CODES } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { type CsvRecord, countCsvRecords, readCsvRecords } from "./archive-rows";

export const BLOCK_BYTES = 256 * 1024;

/** The paths of an archive's files; `relative` is stored in its record. */
export interface ArchivePlace {
  readonly file: string;
  /** The file while it is being written. */
  readonly partial: string;
  readonly manifest: string;
  readonly folder: string;
}

export function archivePath(table: string, month: string, id: string): string {
  return `archives/${table}/${month}/${table}-${month}-${id}.csv.gz`;
}

export function placeOf(ctx: Context, relative: string): ArchivePlace {
  const file = path.join(ctx.config.dataDir, relative);
  return {
    file,
    partial: `${file}.partial`,
    manifest: file.replace(/\.csv\.gz$/, ".manifest.json"),
    folder: path.dirname(file),
  };
}

/** Creates the folder and its parents, and syncs their directory entries to disk. */
export async function makeFolder(ctx: Context, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = folder; at.startsWith(ctx.config.dataDir); at = path.dirname(at)) await syncFolder(at);
}

/** Syncs a folder's directory entries (creations, renames, removals) to disk. */
export async function syncFolder(folder: string): Promise<void> {
  await withFile(folder, "r", (handle) => handle.sync());
}

export async function withFile<T>(file: string, flags: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, flags, 0o600);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** Removes all files of an archive, complete or not. */
export async function removeArchiveFiles(place: ArchivePlace): Promise<void> {
  try {
    for (const file of [place.manifest, place.partial, place.file]) await rm(file, { force: true });
    await syncFolder(place.folder);
  } catch (error) {
    // The folder does not exist, hence neither does the file.
    if (!["ENOENT", "ENOTDIR"].includes(causeCode(error) ?? "")) throw error;
  }
}

/**
 * Reads the text of an archive's file.
 * @param hash receives the bytes of the compressed file
 * @throws when the file is missing, truncated or invalid gzip
 */
async function* readText(file: string, hash?: Hash): AsyncGenerator<Uint8Array> {
  const bytes = createReadStream(file, { highWaterMark: BLOCK_BYTES });
  const text = createGunzip({ chunkSize: BLOCK_BYTES });
  bytes.once("error", (error) => text.destroy(error));
  if (hash) bytes.on("data", (chunk) => hash.update(chunk));
  try {
    yield* bytes.pipe(text);
  } finally {
    bytes.destroy();
    text.destroy();
  }
}

/** Reads the records of an archive's file, in blocks; the first record is the header. @throws see readText */
export function readRecords(file: string): AsyncGenerator<CsvRecord[]> {
  return readCsvRecords(readText(file));
}

/**
 * Reads a file completely, in one pass.
 * @returns the number of rows below its header, and the file's SHA-256 in hex
 * @throws SyntaxError when a record's number of fields differs from the header; see readText
 */
export async function readThrough(file: string): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  const records = await countCsvRecords(readText(file, hash));
  return { rows: Math.max(records - 1, 0), sha256: hash.digest("hex") };
}

/** Converts a file error during writing into an error for the user who runs the cleanup; other errors are unchanged. */
export function explainFileError(error: unknown): unknown {
  const code = fileErrorCode(error);
  if (code === undefined) return error;
  const options = { retryAfter: 60, cause: error };
  return NO_ROOM_CODES.has(code)
    ? new AppError("archive.no_space", {}, options)
    : new AppError("archive.unwritable", { code }, options);
}

/** Converts a file error during reading into an error for the caller; other errors are unchanged. */
export function explainReadError(error: unknown): unknown {
  const code = fileErrorCode(error);
  return code === undefined ? error : new AppError("archive.unreachable", { code }, { retryAfter: 60, cause: error });
}
