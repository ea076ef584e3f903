import type { LogRow } from "./log-page";

/** What tells rows apart: the primary key. An id alone may come twice, with another time. */
export function rowKey(row: LogRow): string {
  return `${row.created_at} ${row.id}`;
}
