import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import type { TableGrowth } from "./contract";
import { MIN_HISTORY_HOURS } from "./history";

/** Growth of a log table over the last 7 days, by linear regression over hourly metrics. */
export async function tableGrowth(ctx: Context, table: LogTableName): Promise<TableGrowth> {
  const rows = await ctx.db.read.$client<{ name: string; per_day: number | null }[]>`
    select name, regr_slope(value, day)::float8 as per_day
    from (
      select
        case name when 'table_rows' then 'rows' else 'bytes' end as name,
        at,
        extract(epoch from at) / 86400 as day,
        sum(sum / count) as value
      from metrics
      where grain = 'hour' and label = ${table} and at > now() - interval '7 days'
        and name in ('table_bytes', 'index_bytes', 'table_rows')
      group by 1, 2, 3
    ) as hours
    group by name
    having max(at) - min(at) >= make_interval(hours => ${MIN_HISTORY_HOURS})`;
  const perDay = (name: string) => rows.find((row) => row.name === name)?.per_day ?? null;
  return { bytes_per_day: perDay("bytes"), rows_per_day: perDay("rows") };
}
