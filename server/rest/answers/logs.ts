import { z } from "zod";
import type { BrowsedTable, Column } from "@/server/catalog";
import type { LogPage } from "@/server/services/logs";
import { instant } from "./instant";

const TYPES = {
  uuid: z.guid(),
  text: z.string(),
  inet: z.string(),
  integer: z.int(),
  jsonb: z.unknown(),
  timestamptz: instant,
} as const satisfies Record<Column["type"], z.ZodType>;

/** The answer to GET /access-logs and /user-activities: a page of rows, every column of the catalog. */
export function logPageAnswer(table: BrowsedTable) {
  const columns = Object.fromEntries(
    table.columns.map(({ name, type, required }) => [name, required ? TYPES[type] : TYPES[type].nullable()]),
  );
  return z.object({
    items: z.array(z.object({ ...columns, id: TYPES.uuid, created_at: instant })),
    total: z.int().nullable().describe("Matching rows; null with count=none"),
    total_is_exact: z.boolean(),
    page: z.int().nullable().describe("Null in cursor mode"),
    page_size: z.int(),
    total_pages: z.int().nullable(),
    has_next: z.boolean(),
    has_prev: z.boolean(),
    next_cursor: z.string().nullable(),
    prev_cursor: z.string().nullable(),
    first_row: z.int().nullable().describe("1-based place of the first item; null where unknown, as after a jump"),
  }) satisfies z.ZodType<LogPage>;
}
