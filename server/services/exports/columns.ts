import type { ColumnType } from "@/server/catalog";
import type { JsonMember } from "./json-columns/members";

/** The type of a column, which determines its format. `code`: a whole number as text, or a label. */
export type ColumnKind =
  | "text"
  | "code"
  | "json"
  | "address"
  | "uuid"
  | "time"
  | "day"
  | "integer"
  | "number"
  | "boolean";

export interface ExportColumn {
  /** The name in the file, and of the source column unless there is a `member`. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** The member of a JSON column that the column contains. */
  readonly member?: JsonMember;
  /** The text in the header of CSV and Excel files; undefined: the name. */
  readonly label?: string;
}

export function headerOf({ name, label }: ExportColumn): string {
  return label ?? name;
}

export const KIND_OF_TYPE = {
  uuid: "uuid",
  text: "text",
  integer: "integer",
  inet: "address",
  jsonb: "json",
  timestamptz: "time",
} as const satisfies Record<ColumnType, ColumnKind>;
