import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, ColumnType } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";

/** A pageable table or query, with its columns and order. */
export interface PagedSource {
  /** Identifies the list in its cursors. */
  readonly name: string;
  /** A table, or a query with an alias. */
  readonly from: SQL;
  readonly columns: readonly PagedColumn[];
  /** The sort key and its tie-breakers: non-null columns that are unique together, all in one direction. */
  readonly sortKeys: readonly [string, ...string[]];
}

export interface PagedColumn {
  readonly name: string;
  readonly type: ColumnType | "bigint" | "boolean";
}

/** The source of a log table from the catalog, ordered by its primary key. */
export function logSource(table: BrowsedTable): PagedSource {
  return {
    name: table.name,
    from: sql`${sql.identifier(table.tableName)}`,
    columns: table.columns,
    sortKeys: ["created_at", "id"],
  };
}

/** The columns to select, each in the format that readRow expects. */
export function columnList(columns: readonly PagedColumn[]): SQL {
  return sql.join(
    columns.map(({ name, type }) =>
      // The address without a netmask, as received.
      type === "inet" ? sql`host(${sql.identifier(name)}) as ${sql.identifier(name)}` : sql.identifier(name),
    ),
    sql`, `,
  );
}

/** Converts a row for output: times as Instants, whole numbers as numbers. */
export function readRow<Row extends object>(columns: readonly PagedColumn[], row: Record<string, unknown>): Row {
  return Object.fromEntries(columns.map(({ name, type }) => [name, readValue(type, row[name])])) as Row;
}

function readValue(type: PagedColumn["type"], value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (type === "timestamptz") return toIsoMicroseconds(value);
  return type === "bigint" ? Number(value) : value;
}

/** ` where a and b`, or an empty fragment. */
export function where(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join([...conditions], sql` and `)}`;
}
