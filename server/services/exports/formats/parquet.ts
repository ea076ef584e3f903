import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { type FileColumn, writeParquet } from "@/server/columnar";
import type { SqlExecutor } from "@/server/db/client";
import { AppError, fileErrorCode, NO_ROOM_CODES } from "@/server/lib/errors";
import type { ColumnKind, ExportColumn } from "../columns";
import { gatherRows } from "../copy/gather-rows";
import type { SheetPlan } from "../export-plan";
import { asDouble, columnValue } from "../json-columns/members";
import type { ExportFormat, WriteTools } from "./export-format";
import { filePerSheet } from "./file-per-sheet";

/**
 * Parquet, with the types that pandas, Arrow and Spark read alike: UTF-8 text, also for UUIDs (as the type of its own,
 * Spark rejects it and pandas shows bytes), addresses and JSON; 32-bit integers; microseconds in UTC. Numbers of JSON are doubles.
 */
export const parquet: ExportFormat = {
  extension: ".parquet",
  mediaType: "application/vnd.apache.parquet",
  maxSheetRows: null,
  size: { of: "csv", plain: 0.15, compressed: 0.15 },
  needsThread: false,
  expression: parquetExpression,
  write: filePerSheet(".parquet", (tx, sheet, _plan, onRows, tools) => parquetFile(tx, sheet, onRows, tools)),
};

async function* parquetFile(
  tx: SqlExecutor,
  { columns, query, title }: SheetPlan,
  onRows: (rows: number) => void,
  { columnar, signal }: WriteTools,
): AsyncGenerator<Buffer, void> {
  if (!columnar) throw new Error("Parquet files are written by the columnar engine.");
  const folder = await columnar.makeFolder();
  try {
    const file = path.join(folder, "export.parquet");
    const copy = await tx.unsafe(`copy (${query}) to stdout (format csv, encoding 'UTF8')`).readable();
    let read = 0;
    const count = (rows: number) => {
      read = rows;
      onRows(rows);
    };
    const blocks = copied(gatherRows(copy, { head: Buffer.alloc(0), lineEnd: "\n" }, count, signal));
    const table = { columns: columns.map(parquetColumn) };
    const written = await writeParquet(columnar, table, blocks, file, { signal, user: title });
    if (written !== read) throw new Error(`${written} of ${read} rows of an export are in its Parquet file`);
    yield* createReadStream(file);
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === undefined || !NO_ROOM_CODES.has(code)) throw error;
    throw new AppError("columnar.no_temporary_space", {}, { retryAfter: 60, cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The blocks are collected, but each is valid only until the next. */
async function* copied(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  for await (const block of blocks) yield Buffer.from(block);
}

const TYPES: Readonly<Partial<Record<ColumnKind, FileColumn["type"]>>> = {
  integer: "integer",
  time: "timestamptz",
  number: "double",
  boolean: "boolean",
};

function parquetColumn({ name, kind }: ExportColumn): FileColumn {
  return { name, type: TYPES[kind] ?? "text" };
}

function parquetExpression(exported: ExportColumn): SQL {
  const column = columnValue(exported);
  switch (exported.kind) {
    case "time":
      return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"')`;
    case "address":
      return sql`host(${column})`;
    case "number":
      return asDouble(column);
    default:
      return column;
  }
}
