import { type SQL, sql } from "drizzle-orm";
import type { ColumnType } from "@/server/catalog";

/** The type of a column, which determines its format. `code`: a whole number as text, or a label. */
export type ColumnKind = "text" | "code" | "json" | "address" | "uuid" | "time" | "day" | "integer" | "number";

export interface ExportColumn {
  /** The name in the header, and of the source column. */
  readonly name: string;
  readonly kind: ColumnKind;
}

export const KIND_OF_TYPE = {
  uuid: "uuid",
  text: "text",
  integer: "integer",
  inet: "address",
  jsonb: "json",
  timestamptz: "time",
} as const satisfies Record<ColumnType, ColumnKind>;

/** Excel limits a cell to 32,767 UTF-16 units; one more character shows that a text is truncated. */
const MAX_CELL_CHARACTERS = 32_768;

/**
 * The SQL expression of a column for COPY: text that a spreadsheet would evaluate as a formula is prefixed with `'`;
 * times are in the session's time zone with six fractional digits and the offset, at fixed width.
 */
export function csvExpression({ name, kind }: ExportColumn): SQL {
  const column = sql.identifier(name);
  switch (kind) {
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
    case "code":
    case "json":
    case "uuid":
    case "day":
    case "integer":
    case "number":
      return sql`${column}`;
  }
}

/**
 * The SQL expression of a column for a workbook: text truncated to a cell's limit, numbers, and times (truncated to
 * milliseconds) and days as Excel date serials, days since 1899-12-30 in `timeZone`.
 */
export function excelExpression({ name, kind }: ExportColumn, timeZone: string): SQL {
  const column = sql.identifier(name);
  switch (kind) {
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
      return sql`${column}::float8`;
    case "code":
    case "uuid":
    case "integer":
      return sql`${column}`;
  }
}
