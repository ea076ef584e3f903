import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import { writeParquet } from "@/server/columnar";
import type { SqlExecutor } from "@/server/db/client";
import { AppError, fileErrorCode, NO_ROOM_CODES } from "@/server/lib/errors";
import type { ColumnKind, ExportColumn } from "../columns";
import { gatherRows } from "../copy/gather-rows";
import type { SheetPlan } from "../export-plan";
import type { ExportFormat, WriteTools } from "./export-format";
import { filePerSheet } from "./file-per-sheet";

/**
 * Parquet, with the types that pandas, Arrow and Spark read alike: UTF-8 text, also for UUIDs (as the type of its own,
 * Spark rejects it and pandas shows bytes), addresses and JSON; 32-bit integers; microseconds in UTC.
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

const TYPES = { integer: "integer", time: "timestamptz" } as const satisfies Partial<
  Record<ColumnKind, Column["type"]>
>;

function parquetColumn({ name, kind }: ExportColumn): Column {
  return { name, type: kind === "integer" || kind === "time" ? TYPES[kind] : "text" };
}

function parquetExpression({ name, kind }: ExportColumn): SQL {
  const column = sql.identifier(name);
  switch (kind) {
    case "time":
      return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"')`;
    case "address":
      return sql`host(${column})`;
    default:
      return sql`${column}`;
  }
}
