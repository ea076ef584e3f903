import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, ColumnType } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";

/** What can be paged through: a table or a query, its columns and its order. */
export interface PagedSource {
  /** Names the list in its cursors. */
  readonly name: string;
  /** A table, or a query with an alias. */
  readonly from: SQL;
  readonly columns: readonly PagedColumn[];
  /** The sort key and its tie-breakers: columns that are never null and together unique, all of one direction. */
  readonly sortKeys: readonly [string, ...string[]];
}

export interface PagedColumn {
  readonly name: string;
  readonly type: ColumnType | "bigint" | "boolean";
}

/** A log table as the catalog describes it, in the order of its primary key. */
export function logSource(table: BrowsedTable): PagedSource {
  return {
    name: table.name,
    from: sql`${sql.identifier(table.tableName)}`,
    columns: table.columns,
    sortKeys: ["created_at", "id"],
  };
}

/** The columns to select, each in the form that readRow reads. */
export function columnList(columns: readonly PagedColumn[]): SQL {
  return sql.join(
    columns.map(({ name, type }) =>
      // An address without its netmask, as it came.
      type === "inet" ? sql`host(${sql.identifier(name)}) as ${sql.identifier(name)}` : sql.identifier(name),
    ),
    sql`, `,
  );
}

/** A row as it goes out: times as Instants, whole numbers as numbers. */
export function readRow<Row extends object>(columns: readonly PagedColumn[], row: Record<string, unknown>): Row {
  return Object.fromEntries(columns.map(({ name, type }) => [name, readValue(type, row[name])])) as Row;
}

function readValue(type: PagedColumn["type"], value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (type === "timestamptz") return toIsoMicroseconds(value);
  return type === "bigint" ? Number(value) : value;
}

/** ` where a and b`, or nothing. */
export function where(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join([...conditions], sql` and `)}`;
}
