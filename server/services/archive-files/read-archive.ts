import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { sql } from "drizzle-orm";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { localFile } from "@/server/services/segment-files";
import { type CsvRecord, countCsvRecords, readCsvRecords } from "./archive-csv";
import type { ArchiveFile, StoredArchive } from "./files";
import { archiveFormat } from "./format";
import { csvHeader, pageParquetCsv, parquetColumns, readParquetCsv } from "./parquet-csv";

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads the records of an archive's file, in blocks; the first record is the header.
 * @throws DamagedFile, AppError files.*, columnar.*; SyntaxError or an error of zlib for a damaged CSV file
 */
export function readArchiveCsv(ctx: Context, archive: StoredArchive): AsyncGenerator<CsvRecord[]> {
  const isParquet = archiveFormat(archive.path) === "parquet";
  return readCsvRecords(isParquet ? readParquetText(ctx, archive) : readGzip(ctx, archive));
}

/** Without the bytes of addresses, which no table has. */
async function* readParquetText(ctx: Context, archive: StoredArchive): AsyncGenerator<Uint8Array> {
  const columns = (await parquetColumns(ctx.columnar, await localArchive(ctx, archive))).filter(
    ({ type }) => type !== "BLOB",
  );
  yield Buffer.from(csvHeader(columns));
  // A copy in the cache may be removed while the consumer is busy.
  const file = () => localFile(ctx, archive);
  for await (const text of pageParquetCsv(ctx.columnar, file, columns)) yield Buffer.from(text);
}

/** @param hash receives the bytes of the compressed file */
async function* readGzip(ctx: Context, { path, store }: ArchiveFile, hash?: Hash): AsyncGenerator<Uint8Array> {
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

/**
 * Reads a CSV file completely, in one pass.
 * @returns the number of rows below its header, and the file's SHA-256 in hex
 * @throws SyntaxError when a record's number of fields differs from the header; see readArchiveCsv
 */
async function readThroughCsv(ctx: Context, file: ArchiveFile): Promise<{ rows: number; sha256: string }> {
  const hash = createHash("sha256");
  const records = await countCsvRecords(readGzip(ctx, file, hash));
  return { rows: Math.max(records - 1, 0), sha256: hash.digest("hex") };
}

/**
 * Reads an archive's file completely: every record, or every value of a Parquet file whose checksum is right.
 * @throws see readArchiveCsv
 */
export async function readThrough(ctx: Context, archive: StoredArchive): Promise<{ rows: number; sha256: string }> {
  if (archiveFormat(archive.path) === "csv.gz") return await readThroughCsv(ctx, archive);
  const sha256 = await checksumOf(ctx, archive);
  return { rows: sha256 === archive.sha256 ? await countParquetRows(ctx, archive) : 0, sha256 };
}

async function checksumOf(ctx: Context, { path, store }: ArchiveFile): Promise<string> {
  const hash = createHash("sha256");
  const bytes = await (await ctx.files.of(store)).open(path);
  try {
    for await (const block of bytes) hash.update(block);
  } finally {
    bytes.destroy();
  }
  return hash.digest("hex");
}

async function countParquetRows(ctx: Context, archive: StoredArchive): Promise<number> {
  const file = await localArchive(ctx, archive);
  const columns = await parquetColumns(ctx.columnar, file);
  const names = sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
  // Without the hash, only the metadata would be read.
  const [counted] = await ctx.columnar.query(
    sql`select count(*) as rows, cast(bit_xor(hash(${names})) as varchar) as content from read_parquet(${file})`,
  );
  return Number(counted?.rows);
}

/** Returns a local path of an archive's file. @throws AppError files.missing, files.*; DamagedFile */
async function localArchive(ctx: Context, archive: StoredArchive): Promise<string> {
  await requireArchiveFile(ctx, archive);
  return await localFile(ctx, archive);
}

/** Checks that an archive's file exists, also if it is in the cache. @throws AppError files.missing, files.* */
export async function requireArchiveFile(ctx: Context, { path, store }: ArchiveFile): Promise<void> {
  if ((await (await ctx.files.of(store)).stat(path)) === null) throw new AppError("files.missing", {});
}

/**
 * Reads all columns of a Parquet file back from its store as PostgreSQL's CSV.
 * @returns the number of rows, and the SHA-256 of the CSV, which is that of the copied rows if every value is equal
 */
export async function parquetContent(ctx: Context, archive: StoredArchive): Promise<{ rows: number; sha256: string }> {
  const file = await localArchive(ctx, archive);
  const hash = createHash("sha256");
  let rows = 0;
  for await (const block of readParquetCsv(ctx.columnar, file, await parquetColumns(ctx.columnar, file))) {
    hash.update(block.text);
    rows += block.rows;
  }
  return { rows, sha256: hash.digest("hex") };
}
