import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import type { TopValue, TopValues } from "./contract";
import type { Dimension } from "./traffic/dimensions";

/** Hours or days, counted as a whole. */
export interface Whole {
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  readonly grain: "hour" | "day";
}

const TOP = 10;
/** The mean of fewer requests is not significant. */
const MIN_TIMED = 5;

interface ValueRow extends TopValue {
  readonly list: "frequent" | "slowest";
  readonly distinct: number;
}

/** The most frequent values of a dimension, and the slowest, from one scan of the counts. */
export async function topValues(
  tx: Transaction,
  table: LogTableName,
  dimension: Dimension,
  whole: Whole,
): Promise<TopValues & { readonly slowest: TopValue[] }> {
  // In a separate subquery, `distinct` is computed once; in a join without statistics, once per value.
  const rows = await tx<ValueRow[]>`
    with summed as materialized (
      select
        value,
        sum(rows)::float8 as rows,
        sum(timed)::float8 as timed,
        (sum(time_sum) / nullif(sum(timed), 0))::float8 as mean_time,
        (case when sum(timed) > 0 then max(time_max) end)::float8 as longest_time
      from traffic
      where log_table = ${table} and grain = ${whole.grain} and dimension = ${dimension}
        and at >= ${whole.from} and at < ${whole.to}
      group by value
    )
    (
      select 'frequent' as list, value, rows, mean_time, longest_time, (select count(*)::float8 from summed) as distinct
      from summed
      order by rows desc, value
      limit ${TOP}
    )
    union all
    (
      select 'slowest', value, rows, mean_time, longest_time, 0
      from summed
      where timed >= ${MIN_TIMED}
      order by mean_time desc, value
      limit ${TOP}
    )`;
  const [sums] = await tx<{ all: number; none: number; max: number; cut: boolean }[]>`
    select
      coalesce(sum(rows) filter (where dimension = 'all'), 0)::float8 as all,
      coalesce(sum(rows) filter (where dimension = 'none'), 0)::float8 as none,
      coalesce(max(rows) filter (where dimension = 'distinct'), 0)::float8 as max,
      coalesce(bool_or(timed > 0) filter (where dimension = 'distinct'), false) as cut
    from traffic
    where log_table = ${table} and grain = ${whole.grain}
      and dimension in ('all', 'none', 'distinct') and (dimension = 'all' or value = ${dimension})
      and at >= ${whole.from} and at < ${whole.to}`;
  const valuesOf = (wanted: ValueRow["list"]) =>
    rows.filter(({ list }) => list === wanted).map(({ list: _, distinct: __, ...value }): TopValue => value);
  const { all = 0, none = 0, max = 0, cut = false } = sums ?? {};
  const values = valuesOf("frequent");
  return {
    values,
    none,
    others: Math.max(
      0,
      values.reduce((left, value) => left - value.rows, all - none),
    ),
    slowest: valuesOf("slowest"),
    distinct: Math.max(rows[0]?.distinct ?? 0, max),
    is_lower_bound: cut,
  };
}
