import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import path from "node:path";
import { createGunzip } from "node:zlib";
import { jobProblemText } from "@/server/catalog/job-problem";
import { AppError, causeCode, isDatabaseUnreachable } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { type CsvRecord, countCsvRecords, readCsvRecords } from "./archive-rows";

export const BLOCK_BYTES = 256 * 1024;

/** Where an archive's files are; `relative` is what its record holds. */
export interface ArchivePlace {
  readonly file: string;
  /** The same file while it is being written. */
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

/** Makes the folder and what is above it, and sees to it that their names outlive a power cut. */
export async function makeFolder(ctx: Context, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = folder; at.startsWith(ctx.config.dataDir); at = path.dirname(at)) await syncFolder(at);
}

/** Sees to it that the names in a folder (made, renamed, removed) outlive a power cut. */
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

/** Removes every file of an archive, whole or not. */
export async function removeArchiveFiles(place: ArchivePlace): Promise<void> {
  try {
    for (const file of [place.manifest, place.partial, place.file]) await rm(file, { force: true });
    await syncFolder(place.folder);
  } catch (error) {
    // No such folder, so no such file.
    if (!["ENOENT", "ENOTDIR"].includes(causeCode(error) ?? "")) throw error;
  }
}

/**
 * The text of an archive's file.
 * @param hash is given the bytes of the file as they lie there
 * @throws where the file is missing, truncated or not what gzip allows
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

/** The records of an archive's file, in blocks; the first of the first block is the header. @throws see readText */
export function readRecords(file: string): AsyncGenerator<CsvRecord[]> {
  return readCsvRecords(readText(file));
}

/**
 * Reads a file from beginning to end, its bytes once.
 * @returns how many rows it holds below its header, and the SHA-256 of the file in hex
 * @throws SyntaxError where a record has not as many fields as the header; see readText
 */
export async function readThrough(file: string): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  const records = await countCsvRecords(readText(file, hash));
  return { rows: Math.max(records - 1, 0), sha256: hash.digest("hex") };
}

const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What kept an archive from being written, in words for who runs the cleanup; what no file did, as it is. */
export function explainFileError(error: unknown): unknown {
  const code = causeCode(error) ?? "";
  if (NO_ROOM.has(code)) {
    return new AppError("UNAVAILABLE", jobProblemText("archive_no_room"), { retryAfter: 60, cause: error });
  }
  if (isFileError(error)) {
    return new AppError("UNAVAILABLE", jobProblemText("archive_unwritable", { code }), {
      retryAfter: 60,
      cause: error,
    });
  }
  return error;
}

/** What kept an archive from being read, in words for who asked; what no file did, as it is. */
export function explainReadError(error: unknown): unknown {
  if (!isFileError(error)) return error;
  const code = causeCode(error) ?? "";
  return new AppError("UNAVAILABLE", jobProblemText("archive_unreachable", { code }), { retryAfter: 60, cause: error });
}

function isFileError(error: unknown): boolean {
  if (isDatabaseUnreachable(error)) return false;
  return error instanceof Error && "syscall" in error && /^E[A-Z]+$/.test(causeCode(error) ?? "");
}
