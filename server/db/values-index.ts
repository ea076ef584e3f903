import { type SQL, sql } from "drizzle-orm";
import { index } from "drizzle-orm/pg-core";
import type { BrowsedTable, Column } from "@/server/catalog";

/**
 * One inverted (GIN) index a log table over the values of its columns and the time of the row. It takes a third of
 * what a B-tree a column takes from an insert (docs/decisions/0012), but knows no order: search-rows.ts asks it for
 * bounded stretches of time. The pending list is kept short, because each search reads it.
 */
export function valuesIndex(table: BrowsedTable) {
  const [first = SLOT, ...others] = [
    ...table.columns.filter((column) => column.index === "values").map(valueExpression),
    SLOT,
  ];
  return index(`${table.tableName}_values_idx`)
    .using("gin", first, ...others)
    .with({ gin_pending_list_limit: 512 });
}

/** A status' class as the index holds it beside the status: a hundred numbers would take a hundred look-ups. */
export function statusClass(status: number): number {
  return -1 - Math.floor(status / 100);
}

/** A column as the index holds it: an array of its value. */
export function valueExpression({ name, type, filter, indexedCharacters, indexedSteps }: Column): SQL {
  const column = sql.identifier(name);
  if (filter === "status") return sql`(array[${column}, -1 - ${column} / 100])`;
  // Parameters would not match the index.
  if (indexedSteps) return sql`(array[width_bucket(${column}, ${sql.raw(`'{${indexedSteps.join(",")}}'::int[]`)})])`;
  if (indexedCharacters) return sql`(array[left(${column}, ${sql.raw(String(indexedCharacters))})])`;
  return type === "text" ? sql`(array[(${column})::text])` : sql`(array[${column}])`;
}

/** Milliseconds. Of shorter slots less is read beside the page, of longer ones a stretch has fewer to look up. */
export const SLOT_MS = 3 * 3_600_000;

/** The slot of a row, counted from 1970 in UTC, as the index holds it. */
const SLOT = sql.raw(
  `(array[floor(date_part('epoch', created_at - '1970-01-01 00:00:00+00'::timestamptz) / ${SLOT_MS / 1_000})::int])`,
);

/** Rows of the slots from one time to before another, in milliseconds since 1970: a little more than the rows between them. */
export function inSlots(from: number, before: number): SQL {
  const first = Math.floor(from / SLOT_MS);
  const slots = Array.from({ length: Math.ceil(before / SLOT_MS) - first }, (_, index) => first + index);
  return sql`${SLOT} && ${`{${slots.join(",")}}`}::int[]`;
}
