import type { SqlExecutor } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";

/**
 * The number of hours of the log tables in a time range with rows that are not counted yet. The current hour is
 * excluded, because rows arrive in it continuously.
 */
export async function uncountedHours(
  sql: SqlExecutor,
  timeZone: string,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<number> {
  const [row] = await sql<{ hours: number }[]>`
    select count(*)::int as hours
    from (
      select log_table, hour from dirty_hours
      union
      select log_table, date_trunc('hour', moment, ${timeZone})
      from dirty_ranges
      cross join lateral (
        select generate_series(starts_at, ends_at - interval '1 microsecond', '30 minutes') as moment
        union all
        select ends_at - interval '1 microsecond'
      ) as moments
    ) as dirty
    where hour >= ${from} and hour < ${to}
      and hour <> date_trunc('hour', now(), ${timeZone})`;
  return row?.hours ?? 0;
}
