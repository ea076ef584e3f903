import { rm } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { type CsvOptions, csvFiles, requireSpace } from "./csv-files";
import type { ColumnarEngine, ColumnarOptions } from "./engine";
import { type FileColumn, rowsOfCsv } from "./layout";

/**
 * Rows of a row group, the unit that a query can skip. With more rows, dictionaries are so large that DuckDB evaluates
 * a condition for each row instead of each value (docs/decisions/0042).
 */
const ROW_GROUP_ROWS = 8_192;
/** DuckDB holds a row group in memory until it is complete, so groups of long rows have fewer. */
const ROW_GROUP_BYTES = 64 * 1024 * 1024;
/** DuckDB writes Bloom filters only for columns with a dictionary, so that of each column may contain all values. */
const DICTIONARY_BYTES = 1024 ** 3;
const PARQUET = `
  format parquet, compression zstd, dictionary_size_limit ${ROW_GROUP_ROWS}, string_dictionary_page_size_limit ${DICTIONARY_BYTES}`;

/**
 * Writes rows to a Parquet file. Long files are written in parts, so the temporary space needed is one CSV of at most
 * 256 MB, and at the end twice the Parquet file.
 * @param rows CSV of the columns csvColumns, in the order of the file. Each chunk has whole rows, as those of COPY have
 * @param target the path of the new file, in a folder of the engine
 * @param options.computed further columns, computed from the others
 * @returns the number of rows in the file
 * @throws the error of `rows`, AppError columnar.*, the signal's reason
 */
export async function writeParquet(
  engine: ColumnarEngine,
  table: { readonly columns: readonly FileColumn[] },
  rows: AsyncIterable<Uint8Array>,
  target: string,
  { computed = [], ...options }: ColumnarOptions & CsvOptions & { readonly computed?: readonly SQL[] } = {},
): Promise<number> {
  const folder = await engine.makeFolder();
  try {
    const parts: string[] = [];
    let count = 0;
    let rowBytes = 0;
    for await (const csv of csvFiles(folder, rows, options)) {
      const isOnly = csv.isLast && parts.length === 0;
      const part = isOnly ? target : path.join(folder, `${parts.length}.parquet`);
      const csvRows = rowsOfCsv(table, csv.file, csv.maxLineBytes);
      const select =
        computed.length === 0 ? csvRows : sql`select *, ${sql.join([...computed], sql`, `)} from (${csvRows})`;
      count += await copyToParquet(engine, select, part, csv.rowBytes, options);
      if (isOnly) return count;
      rowBytes = Math.max(rowBytes, csv.rowBytes);
      await rm(csv.file);
      parts.push(part);
    }
    await requireSpace(folder, options.freeBytes);
    return await mergeParquet(engine, parts, target, rowBytes, options);
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

/** Returns the size of a row without compression, in the row group of Parquet files where it is largest. */
export async function maxRowBytes(engine: ColumnarEngine, files: readonly string[]): Promise<number> {
  const [size] = await engine.query(sql`
    select max(bytes / greatest(1, rows))::double as bytes
    from (
      select sum(total_uncompressed_size) as bytes, max(row_group_num_rows) as rows
      from parquet_metadata(${sql.raw(listOf(files))})
      group by file_name, row_group_id
    )`);
  return Number(size?.bytes);
}

/**
 * Writes the rows of a SELECT of DuckDB, in its order, to a Parquet file.
 * @param rowBytes the mean size of a row where rows are longest
 * @returns the number of rows
 */
export async function copyToParquet(
  engine: ColumnarEngine,
  select: SQL,
  target: string,
  rowBytes: number,
  options: ColumnarOptions = {},
): Promise<number> {
  const groupRows = Math.max(1, Math.min(ROW_GROUP_ROWS, Math.floor(ROW_GROUP_BYTES / Math.max(1, rowBytes))));
  const [written] = await engine.query(
    sql`copy (${select}) to ${sql.raw(literal(target))} (${sql.raw(PARQUET)}, row_group_size ${sql.raw(String(groupRows))})`,
    options,
  );
  return Number(written?.Count);
}

/** DuckDB accepts no parameter here. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function listOf(files: readonly string[]): string {
  return `[${files.map(literal).join(", ")}]`;
}
