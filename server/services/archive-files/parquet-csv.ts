import { type SQL, sql } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import { type ColumnarEngine, type ColumnarOptions, type ColumnarRow, duckdbType } from "@/server/columnar";
import { type CsvRecord, formatCsvRecord } from "./archive-csv";

interface FileColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of a Parquet file, in order. @throws AppError columnar.* */
export async function parquetColumns(columnar: ColumnarEngine, file: string): Promise<FileColumn[]> {
  const rows = await columnar.query(sql`describe select * from read_parquet(${file})`);
  return rows.map((row) => ({ name: textOf(row, "column_name"), type: textOf(row, "column_type") }));
}

/**
 * Reads the rows of a Parquet file as PostgreSQL's CSV, in the order of the file, in blocks of whole records.
 * @throws AppError columnar.*
 */
export async function* readParquetCsv(
  columnar: ColumnarEngine,
  file: string,
  columns: readonly FileColumn[],
): AsyncGenerator<{ rows: number; text: string }, void> {
  for await (const rows of columnar.stream(sql`select ${lineOf(columns)} as line from read_parquet(${file})`)) {
    if (rows.length > 0) yield { rows: rows.length, text: textOfLines(rows) };
  }
}

/**
 * Reads the rows of a SELECT with the columns of a log table as PostgreSQL's CSV of these columns, in blocks of whole
 * records, in no particular order.
 * @throws AppError columnar.*, the signal's reason
 */
export async function* readRelationCsv(
  columnar: ColumnarEngine,
  { columns }: LogTable,
  select: SQL,
  options: ColumnarOptions,
): AsyncGenerator<{ rows: number; text: string }, void> {
  const line = lineOf(columns.map((column) => ({ name: column.name, type: duckdbType(column) })));
  for await (const rows of columnar.stream(sql`select ${line} as line from (${select}) as relation`, options)) {
    if (rows.length > 0) yield { rows: rows.length, text: textOfLines(rows) };
  }
}

/** Rows of the first page, and of the largest. */
const PAGE_ROWS = { first: 200, max: 10_000 };
const PAGE_BYTES = 8_000_000;

/**
 * Like readParquetCsv, in pages with a statement each: the consumer may take hours, in which the engine must serve
 * others.
 */
export async function* pageParquetCsv(
  columnar: ColumnarEngine,
  file: () => Promise<string>,
  columns: readonly FileColumn[],
): AsyncGenerator<string, void> {
  let size = PAGE_ROWS.first;
  for (let start = 0; ; ) {
    const rows = await columnar.query(sql`
      select ${lineOf(columns)} as line
      from read_parquet(${await file()}, file_row_number = true)
      where file_row_number >= ${start} and file_row_number < ${start + size}
      order by file_row_number`);
    if (rows.length === 0) return;
    const text = textOfLines(rows);
    yield text;
    if (rows.length < size) return;
    start += size;
    size = Math.max(1, Math.min(PAGE_ROWS.max, Math.floor((size * PAGE_BYTES) / text.length)));
  }
}

const lineOf = (columns: readonly FileColumn[]) => sql.join(columns.map(cellOf), sql` || ',' || `);

const textOfLines = (rows: readonly ColumnarRow[]) => `${rows.map((row) => textOf(row, "line")).join("\n")}\n`;

/** The names of columns as a header. */
export function csvHeader(columns: readonly FileColumn[]): string {
  const names: CsvRecord = columns.map(({ name }) => name);
  return formatCsvRecord(names);
}

/** DuckDB formats times in UTC, UUIDs and numbers as PostgreSQL does; the proof of each archive compares them. */
function cellOf({ name, type }: FileColumn): SQL {
  const value = sql.identifier(name);
  if (type === "BLOB") return sql`coalesce(lower(hex(${value})), '')`;
  if (type !== "VARCHAR") return sql`coalesce(cast(${value} as varchar), '')`;
  return sql`
    case
      when ${value} is null then ''
      when ${value} = '' or regexp_matches(${value}, '[",\\r\\n]') then '"' || replace(${value}, '"', '""') || '"'
      else ${value}
    end`;
}

function textOf(row: ColumnarRow, name: string): string {
  const value = row[name];
  if (typeof value !== "string") throw new Error(`DuckDB returned no text as ${name}.`);
  return value;
}
