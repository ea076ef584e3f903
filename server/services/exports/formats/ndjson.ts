import { type SQL, sql } from "drizzle-orm";
import type { SqlExecutor } from "@/server/db/client";
import type { ExportColumn } from "../columns";
import { gatherRows } from "../copy/gather-rows";
import type { SheetPlan } from "../export-plan";
import { columnValue } from "../json-columns/members";
import type { ExportFormat } from "./export-format";
import { filePerSheet } from "./file-per-sheet";

/** JSON escapes control characters, so that COPY quotes no line and doubles no quote. */
const RAW_LINES = String.raw`format csv, delimiter E'\x02', quote E'\x01', encoding 'UTF8'`;

/** Newline-delimited JSON (UTF-8, LF): an object for each row, with the columns in order. */
export const ndjson: ExportFormat = {
  extension: ".ndjson",
  mediaType: "application/x-ndjson",
  maxSheetRows: null,
  size: { of: "json", plain: 1, compressed: 0.2 },
  needsThread: false,
  expression: jsonExpression,
  write: filePerSheet(".ndjson", (tx, sheet, _plan, onRows) => ndjsonFile(tx, sheet, onRows)),
};

async function* ndjsonFile(
  tx: SqlExecutor,
  { query }: SheetPlan,
  onRows: (rows: number) => void,
): AsyncGenerator<Buffer, void> {
  // Without the star, it would be the column `line`, if there is one.
  const statement = `copy (select row_to_json(line.*) from (${query}) as line) to stdout (${RAW_LINES})`;
  const copy = await tx.unsafe(statement).readable();
  yield* gatherRows(copy, { head: Buffer.alloc(0), lineEnd: "\n" }, onRows);
}

/** JSON columns are not converted, because numbers would lose digits. */
function jsonExpression(exported: ExportColumn): SQL {
  const column = columnValue(exported);
  switch (exported.kind) {
    case "time":
      return sql`to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM')`;
    case "address":
      return sql`host(${column})`;
    default:
      return column;
  }
}
