import { type SQL, sql } from "drizzle-orm";
import type { LogTableName } from "@/server/catalog";
import { openCursor, sealCursor } from "@/server/lib/cursor";
import type { Instant } from "@/server/lib/time";

/** The key of a row among those of all tables. Rows are ordered by time, then table, then id. */
export interface EventKey {
  readonly created_at: Instant;
  readonly table: LogTableName;
  readonly id: string;
}

/** The start of a page, in reading direction. */
export interface Position {
  readonly direction: "next" | "prev";
  /** `at`: the row itself belongs to the page. */
  readonly bound: "at" | "behind";
  readonly key: EventKey;
}

/** Compares in ascending order. */
export function compareKeys(one: EventKey, other: EventKey): number {
  if (one.created_at !== other.created_at) return one.created_at < other.created_at ? -1 : 1;
  if (one.table !== other.table) return one.table < other.table ? -1 : 1;
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}

/** The condition for rows of `table` after a position, valid in both dialects. */
export function behind({ bound, key }: Position, table: LogTableName, ascending: boolean): SQL {
  const beyond = ascending ? ">" : "<";
  const time = sql`${key.created_at}::timestamptz`;
  if (table !== key.table) {
    const isBehind = ascending ? table > key.table : table < key.table;
    return sql`created_at ${sql.raw(isBehind ? `${beyond}=` : beyond)} ${time}`;
  }
  const operator = sql.raw(bound === "at" ? `${beyond}=` : beyond);
  // The time is repeated, because partitions are only pruned by single columns.
  return sql`created_at ${sql.raw(`${beyond}=`)} ${time} and (created_at, id) ${operator} (${time}, ${key.id}::uuid)`;
}

/** The same place in the other direction: what was behind it is now at or before it. */
export function reversed({ direction, bound, key }: Position): Position {
  return {
    direction: direction === "next" ? "prev" : "next",
    bound: bound === "at" ? "behind" : "at",
    key,
  };
}

export function sealPosition(secret: string, scope: string, { direction, bound, key }: Position): string {
  return sealCursor(secret, scope, [direction, bound, key.created_at, key.table, key.id]);
}

/** @throws AppError BAD_REQUEST for a cursor of another list */
export function openPosition(secret: string, scope: string, cursor: string): Position {
  const [direction, bound, created_at = "", table, id = ""] = openCursor(secret, scope, cursor);
  return {
    direction: direction === "prev" ? "prev" : "next",
    bound: bound === "at" ? "at" : "behind",
    key: { created_at, table: table === "user_activities" ? "user_activities" : "access_logs", id },
  };
}
