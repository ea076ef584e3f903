import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { derivedFieldsOf } from "@/server/catalog/derived-fields";
import { addressBytesName, type FileColumn, isAddress } from "../layout";

/** Tables and their columns in ClickHouse. UUIDs are text, because it sorts them by their second half. */

const TYPES = {
  uuid: "Nullable(UUID)",
  text: "Nullable(String)",
  inet: "Nullable(String)",
  integer: "Nullable(Int32)",
  jsonb: "Nullable(String)",
  timestamptz: "Nullable(DateTime64(6, 'UTC'))",
  double: "Nullable(Float64)",
  boolean: "Nullable(Bool)",
} as const satisfies Record<FileColumn["type"], string>;

const quoted = (name: string) => `"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** The structure of a CSV file of rowsOfCsv: the columns, then the bytes of addresses in hexadecimal. */
export function csvStructure(columns: readonly FileColumn[]): string {
  return structure([
    ...columns.map(({ name, type }) => [name, TYPES[type]] as const),
    ...columns.filter(isAddress).map((column) => [addressBytesName(column), TYPES.text] as const),
  ]);
}

/** The structure of segments. */
export function parquetStructure(table: Pick<BrowsedTable, "columns">): string {
  return structure([
    ...table.columns.map(({ name, type }) => [name, TYPES[type]] as const),
    ...table.columns.filter(isAddress).map((column) => [addressBytesName(column), TYPES.text] as const),
    ...derivedFieldsOf(table).map((name) => [name, TYPES.text] as const),
  ]);
}

function structure(columns: readonly (readonly [name: string, type: string])[]): string {
  return columns.map(([name, type]) => `${quoted(name)} ${type}`).join(", ");
}

/** Selects the rows of segments. */
export function parquetRows(table: Pick<BrowsedTable, "columns">, from: SQL): SQL {
  const others = [...table.columns.filter(isAddress).map(addressBytesName), ...derivedFieldsOf(table)];
  return select([...table.columns.map(plainValue), ...others.map((name) => sql`${sql.identifier(name)}`)], from);
}

/** Selects the rows of a CSV file. */
export function csvRows(columns: readonly FileColumn[], from: SQL): SQL {
  const bytes = columns.filter(isAddress).map((column) => {
    const name = sql.identifier(addressBytesName(column));
    return sql`unhex(${name}) as ${name}`;
  });
  return select([...columns.map(plainValue), ...bytes], from);
}

/** Selects no rows, with the columns of parquetRows that `names` contains. */
export function noRows(table: Pick<BrowsedTable, "columns">): SQL {
  return parquetRows(table, sql`null(${sql.raw(literal(parquetStructure(table)))})`);
}

function plainValue({ name, type }: FileColumn): SQL {
  const column = sql.identifier(name);
  return type === "uuid" ? sql`toString(${column}) as ${column}` : sql`${column}`;
}

function select(list: readonly SQL[], from: SQL): SQL {
  return sql`(select ${sql.join([...list], sql`, `)} from ${from})`;
}

/** A text as a literal, for arguments of table functions, which accept no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
