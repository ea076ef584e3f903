import { PassThrough } from "node:stream";
import { type SQL, sql } from "drizzle-orm";
import type { ExportColumn } from "../columns";
import type { SheetRow } from "../excel/workbook";
import { asDouble, columnValue } from "../json-columns/members";
import type { ExportFormat } from "./export-format";

/** Excel limits a cell to 32,767 UTF-16 units; one more character shows that a text is truncated. */
const MAX_CELL_CHARACTERS = 32_768;

/** The maximum number of rows of an Excel sheet, including the header. */
const MAX_SHEET_ROWS = 1_048_576;

export const excel = {
  extension: ".xlsx",
  mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  maxSheetRows: MAX_SHEET_ROWS,
  size: { of: "csv", plain: 0.35, compressed: 0.35 },
  // exceljs uses a whole CPU; COPY yields to the event loop between packets.
  needsThread: true,
  expression: (column, { timeZone }) => excelExpression(column, timeZone),
  write: (tx, plan, onRows) => {
    const output = new PassThrough();
    const sheets = plan.sheets.map(({ title, columns, query }) => ({
      title,
      columns,
      chunks: () => prefetch(tx.unsafe<SheetRow[]>(query).cursor(plan.chunkSize)),
    }));
    const options = { onRows: (rows: number) => onRows(0, rows), sheetRows: MAX_SHEET_ROWS };
    // exceljs uses 30 MB, so it is loaded on demand.
    import("../excel/workbook")
      .then(({ writeWorkbook }) => writeWorkbook(output, sheets, options))
      .catch((error: Error) => output.destroy(error));
    return output;
  },
} satisfies ExportFormat;

/**
 * The SQL expression of a column for a workbook: text truncated to a cell's limit, numbers, and times (truncated to
 * milliseconds) and days as Excel date serials, days since 1899-12-30 in `timeZone`.
 */
function excelExpression(exported: ExportColumn, timeZone: string): SQL {
  const column = columnValue(exported);
  switch (exported.kind) {
    case "text":
      return sql`left(${column}, ${MAX_CELL_CHARACTERS})`;
    case "json":
      return sql`left(${column}::text, ${MAX_CELL_CHARACTERS})`;
    case "address":
      return sql`host(${column})`;
    case "time":
      // A spreadsheet rounds to the displayed milliseconds, which would move the last microsecond of a day to the next
      // day.
      return sql`extract(epoch from date_trunc('milliseconds', ${column} at time zone ${timeZone}))::float8 / 86400 + 25569`;
    case "day":
      return sql`${column} - date '1899-12-30'`;
    case "number":
      return asDouble(column);
    case "code":
    case "uuid":
    case "integer":
    case "boolean":
      return column;
  }
}

/** Prefetches one item, so that PostgreSQL reads while the sheet is written. */
async function* prefetch<T>(source: AsyncIterable<T>): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  // postgres.js returns no promise for a query that has ended.
  const read = async () => await iterator.next();
  let next = read();
  try {
    for (let { value, done } = await next; !done; { value, done } = await next) {
      next = read();
      yield value;
    }
  } finally {
    // A cursor can be closed only between chunks; closing it during a read would block forever.
    await next.catch(() => {});
    await iterator.return?.();
  }
}
