import { sql } from "drizzle-orm";
import type { LogTableName } from "@/server/catalog";
import { archives, restoredPeriods } from "@/server/db/schema";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { cursorPaginate, type PagedSource } from "@/server/services/logs";

/** `pending`: its rows are also in the table, not deleted yet or restored. `removed`: its file was removed. */
export type ListedArchiveState = "pending" | "removed" | "expired";

export interface ListedArchive {
  readonly id: string;
  readonly table: LogTableName;
  /** `2026-08`, in UTC. */
  readonly month: string;
  readonly state: ListedArchiveState;
  /** Relative to the data folder. */
  readonly file: string;
  readonly rows: number;
  readonly size_bytes: number;
  readonly sha256: string;
  readonly first_time: Instant;
  readonly last_time: Instant;
  readonly cutoff: Instant;
  readonly job_id: string | null;
  readonly created_by: string;
  readonly created_at: Instant;
  readonly verified_at: Instant | null;
  /** The problem that the last verification found with the file. */
  readonly problem: string | null;
  /** The restored periods, and until when the automatic cleanup skips them. */
  readonly restored: readonly RestoredPeriod[];
}

export interface RestoredPeriod {
  readonly from: string;
  readonly to: string;
  readonly keep_until: string;
  readonly by: string;
}

export interface ArchivePage {
  readonly items: ListedArchive[];
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
}

const utc = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);

const source: PagedSource = {
  name: "archives",
  from: sql`(
    select
      id, table_name as "table", month, state, path as file, row_count as rows, size_bytes, sha256,
      first_time, last_time, cutoff, job_id, created_by, created_at, verified_at, problem,
      coalesce(
        (
          select jsonb_agg(
            jsonb_build_object(
              'from', ${utc("starts_at")}, 'to', ${utc("ends_at")}, 'keep_until', ${utc("keep_until")},
              'by', period.created_by
            ) order by starts_at
          )
          from ${restoredPeriods} period
          where period.archive_id = archive.id
        ),
        '[]'
      ) as restored
    from ${archives} archive
    where state <> 'writing'
  ) archives`,
  columns: [
    { name: "id", type: "uuid" },
    { name: "table", type: "text" },
    { name: "month", type: "text" },
    { name: "state", type: "text" },
    { name: "file", type: "text" },
    { name: "rows", type: "bigint" },
    { name: "size_bytes", type: "bigint" },
    { name: "sha256", type: "text" },
    { name: "first_time", type: "timestamptz" },
    { name: "last_time", type: "timestamptz" },
    { name: "cutoff", type: "timestamptz" },
    { name: "job_id", type: "text" },
    { name: "created_by", type: "text" },
    { name: "created_at", type: "timestamptz" },
    { name: "verified_at", type: "timestamptz" },
    { name: "problem", type: "text" },
    { name: "restored", type: "jsonb" },
  ],
  sortKeys: ["created_at", "id"],
};

/** Lists archives, newest first. @throws AppError BAD_REQUEST for a cursor of another list */
export async function listArchives(
  ctx: Context,
  { limit, cursor, table, month }: { limit: number; cursor?: string; table?: LogTableName; month?: string },
): Promise<ArchivePage> {
  const conditions = [
    ...(table === undefined ? [] : [sql`"table" = ${table}`]),
    ...(month === undefined ? [] : [sql`month = ${month}`]),
  ];
  const page = await cursorPaginate<ListedArchive>(ctx, source, {
    conditions,
    scope: [table ?? null, month ?? null],
    descending: true,
    pageSize: limit,
    cursor,
  });
  return { items: page.items, next_cursor: page.next_cursor, prev_cursor: page.prev_cursor };
}
