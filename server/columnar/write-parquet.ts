import { open, rm } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import type { ColumnarEngine, ColumnarOptions } from "./engine";
import { rowsOfCsv } from "./layout";

/**
 * Rows of a row group, the unit that a query can skip. With more rows, dictionaries are so large that DuckDB evaluates
 * a condition for each row instead of each value (docs/decisions/0042).
 */
const ROW_GROUP_ROWS = 40_960;
/** DuckDB holds a row group in memory until it is complete, so groups of long rows have fewer. */
const ROW_GROUP_BYTES = 128 * 1024 * 1024;
/** The number of rows that DuckDB processes at once, of which row groups consist. */
const VECTOR_ROWS = 2_048;
/** DuckDB writes Bloom filters only for columns with a dictionary, so that of each column may contain all values. */
const DICTIONARY_BYTES = 1024 ** 3;
const PARQUET = `
  format parquet, compression zstd, dictionary_size_limit ${ROW_GROUP_ROWS}, string_dictionary_page_size_limit ${DICTIONARY_BYTES}`;
/** Bytes of CSV that are converted at once, which limits the temporary space. */
const PART_BYTES = 256 * 1024 * 1024;
/** Bytes of one write. */
const BLOCK_BYTES = 256 * 1024;
/** The default of DuckDB, so that its buffers are no larger than usual. */
const MIN_LINE_BYTES = 2_000_000;

/**
 * Writes rows to a Parquet file.
 * @param rows CSV of the columns csvColumns, in the order of the file. Each chunk has whole rows, as those of COPY have
 * @param target the path of the new file, in a folder of the engine
 * @returns the number of rows in the file
 * @throws the error of `rows`, AppError columnar.*, the signal's reason
 */
export async function writeParquet(
  engine: ColumnarEngine,
  table: Pick<BrowsedTable, "columns">,
  rows: AsyncIterable<Uint8Array>,
  target: string,
  options: ColumnarOptions = {},
): Promise<number> {
  const folder = await engine.makeFolder();
  try {
    const parts: string[] = [];
    let count = 0;
    let rowBytes = 0;
    const convert = async (csv: Csv, file: string) => {
      count += await copyToParquet(engine, rowsOfCsv(table, csv.file, csv.maxLineBytes), file, csv.rowBytes, options);
      rowBytes = Math.max(rowBytes, csv.rowBytes);
      await rm(csv.file);
    };
    let pending: Csv | undefined;
    for await (const csv of csvFiles(folder, rows, options.signal)) {
      if (pending) {
        const part = path.join(folder, `${parts.length}.parquet`);
        parts.push(part);
        await convert(pending, part);
      }
      pending = csv;
    }
    if (!pending) throw new Error("A Parquet file needs at least one part.");
    if (parts.length === 0) {
      await convert(pending, target);
      return count;
    }
    const last = path.join(folder, "last.parquet");
    await convert(pending, last);
    return await mergeParquet(engine, [...parts, last], target, rowBytes, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the rows of sorted Parquet files, in the order of the files, to one. @returns the number of rows */
async function mergeParquet(
  engine: ColumnarEngine,
  files: readonly string[],
  target: string,
  rowBytes: number,
  options: ColumnarOptions,
): Promise<number> {
  const rows = sql`select * from read_parquet(${sql.raw(listOf(files))})`;
  return await copyToParquet(engine, rows, target, rowBytes, options);
}

/** Returns the mean size of a row in Parquet files without compression. */
export async function meanRowBytes(engine: ColumnarEngine, files: readonly string[]): Promise<number> {
  const [size] = await engine.query(sql`
    select
      sum(total_uncompressed_size)::double as bytes,
      (sum(row_group_num_rows) filter (where column_id = 0))::double as rows
    from parquet_metadata(${sql.raw(listOf(files))})`);
  return Number(size?.bytes) / Math.max(1, Number(size?.rows));
}

/**
 * Writes the rows of a SELECT of DuckDB, in its order, to a Parquet file.
 * @param rowBytes the mean size of a row
 * @returns the number of rows
 */
export async function copyToParquet(
  engine: ColumnarEngine,
  select: SQL,
  target: string,
  rowBytes: number,
  options: ColumnarOptions = {},
): Promise<number> {
  const fitting = Math.floor(ROW_GROUP_BYTES / Math.max(1, rowBytes) / VECTOR_ROWS) * VECTOR_ROWS;
  const groupRows = Math.max(VECTOR_ROWS, Math.min(ROW_GROUP_ROWS, fitting));
  const [written] = await engine.query(
    sql`copy (${select}) to ${sql.raw(literal(target))} (${sql.raw(PARQUET)}, row_group_size ${sql.raw(String(groupRows))})`,
    options,
  );
  return Number(written?.Count);
}

interface Csv {
  readonly file: string;
  readonly maxLineBytes: number;
  /** The mean size of a row, or more. */
  readonly rowBytes: number;
}

/** Writes rows to files of limited size, and yields each when it is complete; without rows, one empty file. */
async function* csvFiles(
  folder: string,
  rows: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Csv, void> {
  const iterator = rows[Symbol.asyncIterator]();
  try {
    let next = await iterator.next();
    for (let number = 0; number === 0 || !next.done; number++) {
      const file = path.join(folder, `${number}.csv`);
      const handle = await open(file, "wx", 0o600);
      let maxLineBytes = MIN_LINE_BYTES;
      let size = 0;
      let chunks = 0;
      try {
        let blocks: Uint8Array[] = [];
        let blocked = 0;
        const flush = async () => {
          await handle.writeFile(Buffer.concat(blocks));
          blocks = [];
          blocked = 0;
        };
        for (; !next.done && size < PART_BYTES; next = await iterator.next()) {
          signal?.throwIfAborted();
          blocks.push(next.value);
          size += next.value.length;
          chunks++;
          blocked += next.value.length;
          maxLineBytes = Math.max(maxLineBytes, next.value.length);
          if (blocked >= BLOCK_BYTES) await flush();
        }
        if (blocked > 0) await flush();
      } finally {
        await handle.close();
      }
      yield { file, maxLineBytes, rowBytes: size / Math.max(1, chunks) };
    }
  } finally {
    await iterator.return?.();
  }
}

/** DuckDB accepts no parameter here. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function listOf(files: readonly string[]): string {
  return `[${files.map(literal).join(", ")}]`;
}
