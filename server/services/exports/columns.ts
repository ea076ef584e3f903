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
