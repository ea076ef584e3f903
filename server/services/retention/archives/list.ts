import { sql } from "drizzle-orm";
import { archives, restoredPeriods } from "@/server/db/schema";
import type { Context } from "@/server/process/context";
import { cursorPaginate, type PagedSource } from "@/server/services/logs";
import type { ArchivePage, ArchivesQuery, ListedArchive } from "../contract";

const utc = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);

/** @param stores the IDs of the stores that this process can read */
const sourceOf = (stores: readonly string[]): PagedSource => ({
  name: "archives",
  from: sql`(
    select
      id, table_name as "table", month, state, path as file,
      case when path like '%.parquet' then 'parquet' else 'csv.gz' end as format,
      state <> 'expired' and problem is null and (store is null or store in ${[...stores]}) as searchable,
      row_count as rows, size_bytes, sha256,
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
    { name: "format", type: "text" },
    { name: "searchable", type: "boolean" },
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
    { name: "problem", type: "jsonb" },
    { name: "restored", type: "jsonb" },
  ],
  sortKeys: ["created_at", "id"],
});

/** Lists archives, newest first. @throws AppError BAD_REQUEST for a cursor of another list */
export async function listArchives(ctx: Context, { limit, cursor, table, month }: ArchivesQuery): Promise<ArchivePage> {
  const conditions = [
    ...(table === undefined ? [] : [sql`"table" = ${table}`]),
    ...(month === undefined ? [] : [sql`month = ${month}`]),
  ];
  const stores = ctx.files.all.map(({ id }) => id);
  const page = await cursorPaginate<ListedArchive>(ctx, sourceOf(stores), {
    conditions,
    scope: [table ?? null, month ?? null],
    descending: true,
    pageSize: limit,
    cursor,
  });
  return { items: page.items, next_cursor: page.next_cursor, prev_cursor: page.prev_cursor };
}
