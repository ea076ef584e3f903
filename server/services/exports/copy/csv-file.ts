import type { SqlExecutor } from "@/server/db/client";
import { headerOf } from "../columns";
import type { SheetPlan } from "../export-plan";
import { gatherRows } from "./gather-rows";

const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Writes a sheet as CSV (RFC 4180, UTF-8, CRLF, header), quoted by PostgreSQL.
 * @param onRows called with the number of rows so far
 */
export async function* csvFile(
  sql: SqlExecutor,
  sheet: SheetPlan,
  options: { bom: boolean; onRows: (rows: number) => void },
): AsyncGenerator<Buffer, void> {
  const header = `${sheet.columns.map((column) => headerField(headerOf(column))).join(",")}\r\n`;
  const copy = await sql.unsafe(`copy (${sheet.query}) to stdout (format csv, encoding 'UTF8')`).readable();
  const head = Buffer.from(options.bom ? BYTE_ORDER_MARK + header : header);
  yield* gatherRows(copy, { head, lineEnd: "\r\n" }, options.onRows);
}

/** The name of a JSON member may be any text: it is quoted where needed, and no formula for a spreadsheet. */
function headerField(name: string): string {
  const text = /^'*[=+\-@\t\r]/.test(name) ? `'${name}` : name;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
