import { type SQL, sql } from "drizzle-orm";
import type { ColumnarRow } from "@/server/columnar";
import { LONG_BYTES, SHOWN } from "../page-bytes";
import type { PagedColumn } from "../paged-source";

/** The columns of archived rows on a page, with long values truncated as shortColumnList does. */
export function archivedColumns(columns: readonly PagedColumn[]): SQL {
  const long = sql.raw(String(LONG_BYTES));
  const shown = sql.raw(String(SHOWN));
  return sql.join(
    columns.map(({ name, type }) => {
      const column = sql.identifier(name);
      if (type !== "text" && type !== "jsonb") return column;
      const short =
        type === "text"
          ? sql`left(${column}, ${shown}) || '… (' || strlen(${column}) || ' bytes)'`
          : sql`json_object('(shortened)', left(${column}, ${shown}), '(bytes)', strlen(${column}))::varchar`;
      return sql`case when strlen(${column}) > ${long} then ${short} else ${column} end as ${column}`;
    }),
    sql`, `,
  );
}

/** Converts a row of the columnar engine to the form of PostgreSQL's driver. */
export function archivedRow(columns: readonly PagedColumn[], row: ColumnarRow): Record<string, unknown> {
  const values = columns.map(({ name, type }) => [name, readValue(type, row[name])] as const);
  return { ...Object.fromEntries(values), archived: true };
}

function readValue(type: PagedColumn["type"], value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (type === "jsonb") return JSON.parse(value);
  // Pages show addresses without a netmask.
  if (type === "inet") return value.replace(/\/.*$/, "");
  return type === "timestamptz" ? value.replace("T", " ").replace("Z", "+00") : value;
}
