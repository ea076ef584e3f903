import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";

/**
 * The columns of a log table in Parquet files: those of the catalog, with addresses as text and JSON as the text that
 * PostgreSQL formats, and for each address `NAME_bytes`, which can be compared: the version (4 or 6) and the bytes of
 * the address; null for a text that is no address.
 */
export function addressBytesName({ name }: Pick<Column, "name">): string {
  return `${name}_bytes`;
}

/** A column of a Parquet file: one of the catalog, or one that no table has. */
export interface FileColumn extends Pick<Column, "name" | "isAddress"> {
  readonly type: Column["type"] | "double" | "boolean";
}

const DUCKDB_TYPES = {
  uuid: "UUID",
  text: "VARCHAR",
  inet: "VARCHAR",
  integer: "INTEGER",
  jsonb: "VARCHAR",
  timestamptz: "TIMESTAMPTZ",
  double: "DOUBLE",
  boolean: "BOOLEAN",
} as const satisfies Record<FileColumn["type"], string>;

/** The type of a column in Parquet files. */
export function duckdbType({ type }: Pick<FileColumn, "type">): string {
  return DUCKDB_TYPES[type];
}

/**
 * The rows of PostgreSQL's CSV as Parquet columns, in the order of the file: nothing between commas is NULL, and a
 * quoted empty text is empty.
 * @param file a CSV without a header, of the columns of the catalog in order, then the bytes of each address in
 * hexadecimal
 */
export function rowsOfCsv(table: { readonly columns: readonly FileColumn[] }, file: string, maxLineBytes: number): SQL {
  const columns = table.columns.map((column) => `'${column.name.replaceAll("'", "''")}': '${duckdbType(column)}'`);
  const addresses = table.columns.filter(isAddress);
  const bytes = addresses.map((column) => `'${addressBytesName(column)}': 'VARCHAR'`);
  const list = [
    ...table.columns.map(({ name }) => sql.identifier(name)),
    ...addresses.map((column) => {
      const name = sql.identifier(addressBytesName(column));
      return sql`unhex(${name}) as ${name}`;
    }),
  ];
  return sql`
    select ${sql.join(list, sql`, `)}
    from read_csv(
      ${file},
      columns = ${sql.raw(`{${[...columns, ...bytes].join(", ")}}`)},
      auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '',
      allow_quoted_nulls = false, null_padding = false, strict_mode = true, max_line_size = ${sql.raw(String(maxLineBytes))}
    )`;
}

export function isAddress(column: Pick<FileColumn, "type" | "isAddress">): boolean {
  return column.type === "inet" || column.isAddress === true;
}
