import { type SQL, sql } from "drizzle-orm";
import type { ColumnType } from "@/server/catalog";

/** What a column of a file has, which says how it is written. `code`: a whole number as text, or a label. */
export type ColumnKind = "text" | "code" | "json" | "address" | "uuid" | "time" | "day" | "integer" | "number";

export interface ExportColumn {
  /** In the header, and of the column it is read from. */
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

/** In Excel a cell has at most 32,767 UTF-16 units; one more character tells that a text is cut. */
const MAX_CELL_CHARACTERS = 32_768;

/**
 * A column as COPY is to write it: text that a spreadsheet would run as a formula after a `'`, times in the
 * session's time zone with six digits of the second and the offset, all of one width.
 */
export function csvExpression({ name, kind }: ExportColumn): SQL {
  const column = sql.identifier(name);
  switch (kind) {
    case "text":
      // Most text starts with a letter, and looking at the first character's number allocates nothing: a tenth of
      // COPY's time where a regular expression takes two thirds. docs/decisions/0032 has the measurements.
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
 * A column as the workbook takes it: text no longer than a cell needs, numbers, and times (truncated to milliseconds)
 * and days as Excel's days since 1899-12-30 in `timeZone`.
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
      // A spreadsheet rounds to the milliseconds that it shows, and the last microsecond of a day to the next day.
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
