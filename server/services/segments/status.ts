import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";

export interface SegmentStatus {
  readonly table: LogTableName;
  /** Rows in segments, of hours that have not changed since. */
  readonly rows: number;
  /** Hours with rows in segments, and those that are still to be written. */
  readonly hours: number;
  readonly dirty_hours: number;
  readonly segments: number;
  readonly bytes: number;
  readonly bytes_per_row: number | null;
}

/** Returns how much of each log table is in segments. */
export async function segmentStatus(ctx: Context): Promise<SegmentStatus[]> {
  const rows = await ctx.db.sql<
    {
      table: LogTableName;
      rows: number;
      hours: number;
      dirty_hours: number;
      segments: number;
      bytes: number;
      stored: number;
    }[]
  >`
    with hours as (
      select
        log_table,
        coalesce(sum(row_count) filter (where dirty_seq is null), 0)::float8 as rows,
        count(*) filter (where dirty_seq is null and segment_id is not null)::int as hours,
        count(*) filter (where dirty_seq is not null)::int as dirty_hours
      from segment_hours group by log_table
    ),
    files as (
      select log_table, count(*)::int as segments, sum(size_bytes)::float8 as bytes, sum(row_count)::float8 as stored
      from segments where replaced_at is null group by log_table
    )
    select
      name as table,
      coalesce(rows, 0) as rows, coalesce(hours, 0) as hours, coalesce(dirty_hours, 0) as dirty_hours,
      coalesce(segments, 0) as segments, coalesce(bytes, 0) as bytes, coalesce(stored, 0) as stored
    from unnest(${[...LOG_TABLE_NAMES]}::text[]) with ordinality as tables (name, position)
    left join hours on hours.log_table = name
    left join files on files.log_table = name
    order by position`;
  return rows.map(({ stored, ...row }) => ({
    ...row,
    bytes_per_row: stored === 0 ? null : Math.round((row.bytes / stored) * 10) / 10,
  }));
}
