import type { LogTable } from "@/server/catalog";
import { parseJson } from "@/server/lib/json";

/** PostgreSQL text of every column, in the catalog's order; null for no value. */
export type Row = (string | null)[];

/** The index of the key, the first column of every log table. Other columns are read by name or in order. */
export const ID = 0;
export const CREATED_AT = 1;

/** The values of a row by column, as JSON. */
export function rowValues({ columns }: LogTable, row: Row): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ name, type }, index) => {
      const value = row[index] ?? null;
      return [name, type === "jsonb" && value !== null ? parseJson(value) : value];
    }),
  );
}
