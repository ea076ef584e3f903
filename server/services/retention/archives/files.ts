import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError, toErrorValue } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { type CsvRecord, countCsvRecords, readCsvRecords } from "./archive-csv";
import { manifestPath } from "./format";

const CHUNK_BYTES = 256 * 1024;

/** The location of an archive's file. */
export interface ArchiveFile {
  /** The file's key in its store. */
  readonly path: string;
  /** The ID of its store. */
  readonly store: string | null;
}

/**
 * Removes all files of an archive, complete or not.
 * @throws AppError files.*
 */
export async function removeArchiveFiles(ctx: Context, { path, store }: ArchiveFile): Promise<void> {
  const files = await ctx.files.of(store);
  await files.remove(manifestPath(path));
  await files.remove(path);
  await files.removeIncomplete(
    path.slice(0, path.lastIndexOf("/") + 1),
    async (key) => ![path, manifestPath(path)].includes(key),
  );
}

/**
 * Reads the text of an archive's file.
 * @param hash receives the bytes of the compressed file
 * @throws AppError files.*; an error of zlib when the file is truncated or not gzip
 */
async function* readText(ctx: Context, { path, store }: ArchiveFile, hash?: Hash): AsyncGenerator<Uint8Array> {
  const bytes: Readable = await (await ctx.files.of(store)).open(path);
  const text = createGunzip({ chunkSize: CHUNK_BYTES });
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
export function readArchiveCsv(ctx: Context, file: ArchiveFile): AsyncGenerator<CsvRecord[]> {
  return readCsvRecords(readText(ctx, file));
}

/**
 * Reads a file completely, in one pass.
 * @returns the number of rows below its header, and the file's SHA-256 in hex
 * @throws SyntaxError when a record's number of fields differs from the header; see readText
 */
export async function readThrough(ctx: Context, file: ArchiveFile): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  const records = await countCsvRecords(readText(ctx, file, hash));
  return { rows: Math.max(records - 1, 0), sha256: hash.digest("hex") };
}

/** Converts an error of the file store during writing into that of a cleanup; other errors are unchanged. */
export function explainWriteError(error: unknown): unknown {
  if (!(error instanceof AppError && error.code.startsWith("files."))) return error;
  return new AppError("archive.not_written", { reason: toErrorValue(error) }, { retryAfter: 60, cause: error });
}
