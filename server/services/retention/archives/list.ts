import { sql } from "drizzle-orm";
import type { LogTableName } from "@/server/catalog";
import { archives, restoredPeriods } from "@/server/db/schema";
import type { Context } from "@/server/process/context";
import { cursorPaginate, type PagedSource } from "@/server/services/logs";
import type { ArchiveMonths, ArchiveMonthsQuery, ArchivePage, ArchivesQuery, ListedArchive } from "../contract";

const utc = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);

/** The month of the middle of an archive's time range: files of a month in UTC begin in the previous one elsewhere. */
const localMonth = (timeZone: string) => sql`
  to_char((first_time + (last_time - first_time) / 2) at time zone ${sql.raw(`'${timeZone}'`)}, 'YYYY-MM')`;

/** @param stores the IDs of the stores that this process can read */
const sourceOf = (stores: readonly string[], timeZone: string): PagedSource => ({
  name: "archives",
  from: sql`(
    select
      id, table_name as "table", month, ${localMonth(timeZone)} as local_month, state, path as file,
      expired_at, deleted_by,
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
    { name: "local_month", type: "text" },
    { name: "state", type: "text" },
    { name: "expired_at", type: "timestamptz" },
    { name: "deleted_by", type: "text" },
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
export async function listArchives(ctx: Context, query: ArchivesQuery): Promise<ArchivePage> {
  const { limit, cursor, table, month, local_month, year } = query;
  const conditions = [
    ...(table === undefined ? [] : [sql`"table" = ${table}`]),
    ...(month === undefined ? [] : [sql`month = ${month}`]),
    ...(local_month === undefined ? [] : [sql`local_month = ${local_month}`]),
    ...(year === undefined ? [] : [sql`left(local_month, 4) = ${year}`]),
  ];
  const stores = ctx.files.all.map(({ id }) => id);
  const page = await cursorPaginate<ListedArchive>(ctx, sourceOf(stores, ctx.config.timeZone), {
    conditions,
    scope: [table ?? null, month ?? null, ...((local_month ?? year) ? [local_month ?? null, year ?? null] : [])],
    descending: true,
    pageSize: limit,
    cursor,
  });
  return { items: page.items, next_cursor: page.next_cursor, prev_cursor: page.prev_cursor };
}

/** Counts the archives by month of APP_TIMEZONE, latest first. */
export async function archiveMonths(ctx: Context, { table, year }: ArchiveMonthsQuery): Promise<ArchiveMonths> {
  const rows = await ctx.db.read.execute<{
    month: string;
    table: LogTableName;
    archives: number;
    deleted: number;
    rows: number;
    size_bytes: number;
    damaged: number;
    ids: string[];
  }>(sql`
    select
      ${localMonth(ctx.config.timeZone)} as month,
      table_name as "table",
      count(*) filter (where state <> 'expired')::int as archives,
      count(*) filter (where state = 'expired')::int as deleted,
      coalesce(sum(row_count) filter (where state <> 'expired'), 0)::float8 as rows,
      coalesce(sum(size_bytes) filter (where state <> 'expired'), 0)::float8 as size_bytes,
      count(*) filter (where state <> 'expired' and problem is not null)::int as damaged,
      coalesce(array_agg(id::text order by first_time) filter (where state <> 'expired' and problem is null), '{}') as ids
    from ${archives}
    where state <> 'writing'
    group by 1, 2
    order by 1 desc, 2`);
  const years = [...new Set(rows.map(({ month }) => month.slice(0, 4)))];
  const shown = rows.filter(
    (row) => (table === undefined || row.table === table) && (year === undefined || row.month.startsWith(year)),
  );
  const months = [...new Set(shown.map(({ month }) => month))].map((month) => {
    const own = shown.filter((row) => row.month === month);
    return {
      month,
      tables: own.map(({ table, archives, deleted, rows, size_bytes }) => ({
        table,
        archives,
        deleted,
        rows,
        size_bytes,
      })),
      damaged: own.reduce((sum, { damaged }) => sum + damaged, 0),
      ids: own.flatMap(({ ids }) => ids),
    };
  });
  return { years, months };
}
