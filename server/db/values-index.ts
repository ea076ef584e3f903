import { type SQL, sql } from "drizzle-orm";
import { index } from "drizzle-orm/pg-core";
import type { BrowsedTable, Column } from "@/server/catalog";

/**
 * Declares one GIN index per log table over column values and the row's time. Its cost per insert is a third of a
 * B-tree index per column (docs/decisions/0012). It is unordered, so search-rows.ts queries it in bounded time windows.
 * The pending list is short, because every search scans it.
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

/**
 * Returns the index key of a status class. It is indexed in addition to the status, because a class would otherwise
 * need a hundred lookups.
 */
export function statusClass(status: number): number {
  return -1 - Math.floor(status / 100);
}

/** Returns the indexed expression of a column: an array of its value. */
export function valueExpression({ name, type, filter, indexedCharacters, indexedSteps }: Column): SQL {
  const column = sql.identifier(name);
  if (filter === "status") return sql`(array[${column}, -1 - ${column} / 100])`;
  // Parameters would not match the index.
  if (indexedSteps) return sql`(array[width_bucket(${column}, ${sql.raw(`'{${indexedSteps.join(",")}}'::int[]`)})])`;
  if (indexedCharacters) return sql`(array[left(${column}, ${sql.raw(String(indexedCharacters))})])`;
  return type === "text" ? sql`(array[(${column})::text])` : sql`(array[${column}])`;
}

/** Milliseconds. Shorter slots read fewer rows outside the page; longer slots need fewer lookups per window. */
export const SLOT_MS = 3 * 3_600_000;

/** The slot of a row, counted from 1970 in UTC. */
const SLOT = sql.raw(
  `(array[floor(date_part('epoch', created_at - '1970-01-01 00:00:00+00'::timestamptz) / ${SLOT_MS / 1_000})::int])`,
);

/**
 * Matches the rows of all slots that overlap a range (milliseconds since 1970, exclusive end): a superset of the
 * range's rows.
 */
export function inSlots(from: number, before: number): SQL {
  const first = Math.floor(from / SLOT_MS);
  const slots = Array.from({ length: Math.ceil(before / SLOT_MS) - first }, (_, index) => first + index);
  return sql`${SLOT} && ${`{${slots.join(",")}}`}::int[]`;
}
