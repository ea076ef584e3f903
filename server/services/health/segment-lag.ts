import type { LogTableName } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";

/**
 * Returns by how many seconds the newest segments are late: the age of the first hour after the newest written one that is
 * over and has rows to be written. Rows that arrive late for older hours are not late segments.
 */
export async function segmentLag(sql: SqlExecutor): Promise<{ table: LogTableName; seconds: number }[]> {
  return await sql<{ table: LogTableName; seconds: number }[]>`
    select
      log_table as table,
      coalesce(
        (
          select extract(epoch from now() - hour - interval '1 hour')
          from segment_hours dirty
          where dirty.log_table = layouts.log_table and dirty_seq is not null
            and hour <= now() - interval '1 hour'
            and hour > coalesce(
              (
                select hour
                from segment_hours clean
                where clean.log_table = layouts.log_table and dirty_seq is null and hour <= now()
                order by hour desc
                limit 1
              ),
              '-infinity'
            )
          order by hour
          limit 1
        ),
        0
      )::float8 as seconds
    from segment_layouts layouts
    order by 1`;
}
