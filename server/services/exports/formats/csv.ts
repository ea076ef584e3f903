import { type SQL, sql } from "drizzle-orm";
import type { ExportColumn } from "../columns";
import { csvFile } from "../copy/csv-file";
import { columnValue } from "../json-columns/members";
import type { ExportFormat } from "./export-format";
import { filePerSheet } from "./file-per-sheet";

export const csv: ExportFormat = {
  extension: ".csv",
  mediaType: "text/csv; charset=utf-8",
  maxSheetRows: null,
  size: { of: "csv", plain: 1, compressed: 0.25 },
  needsThread: false,
  expression: (column, { isOnly }) => {
    const value = csvExpression(column);
    // A line with a single empty field would be blank, and CSV readers skip blank lines.
    return isOnly ? sql`coalesce((${value})::text, '')` : value;
  },
  write: filePerSheet(".csv", (tx, sheet, { bom }, onRows) => csvFile(tx, sheet, { bom, onRows })),
};

/**
 * The SQL expression of a column for COPY: text that a spreadsheet would evaluate as a formula is prefixed with `'`;
 * times are in the session's time zone with six fractional digits and the offset, at fixed width.
 */
function csvExpression(exported: ExportColumn): SQL {
  const column = columnValue(exported);
  switch (exported.kind) {
    case "text":
      // Most text starts with a letter, and comparing the first character's code allocates nothing: a tenth of COPY's
      // time, versus two thirds for a regular expression. See docs/decisions/0020 for measurements.
      return sql`case
        when ascii(${column}) > 64 then ${column}
        when ascii(${column}) in (9, 13, 43, 45, 61, 64) then '''' || ${column}
        when ascii(${column}) = 39 and ${column} ~ ${"^'+[=+@\t\r-]"} then '''' || ${column}
        else ${column}
      end`;
    case "time":
      return sql`to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM')`;
    case "address":
      return sql`host(${column})`;
    case "boolean":
      return sql`(${column})::text`;
    case "code":
    case "json":
    case "uuid":
    case "day":
    case "integer":
    case "number":
      return column;
  }
}
