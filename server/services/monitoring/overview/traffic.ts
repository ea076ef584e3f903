import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Context } from "@/server/context";
import type { Instant } from "@/server/time";
import { quantileOf } from "../measures/latest";
import { LATENCY_BOUNDS } from "../traffic/dimensions";
import { byPeriod, periodsOf, type Range, type Step, stepOf } from "./periods";

export interface TrafficPoint {
  readonly at: Instant;
  readonly end: Instant;
  readonly requests: number;
  /** By class, `2xx`. */
  readonly classes: Readonly<Record<string, number>>;
  /** Milliseconds; null where no request had a time. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly activities: number;
  /** Different users of the requests and of the activities, the greater; null where the step has none of its own. */
  readonly users: number | null;
}

export interface TopValue {
  readonly value: string;
  readonly rows: number;
  /** Milliseconds. */
  readonly mean_time: number | null;
  readonly longest_time: number | null;
}

export interface TopValues {
  readonly values: TopValue[];
  /** How many different values there were. */
  readonly distinct: number;
  /** Some were left out of an hour or day with very many, so that the figures are the least they can be. */
  readonly is_at_least: boolean;
}

export interface Traffic {
  readonly step: Step;
  readonly points: TrafficPoint[];
  readonly requests: number;
  /** The lists below count whole ones. */
  readonly lists_by: "hour" | "day";
  readonly paths: TopValues;
  readonly slowest: TopValue[];
  readonly users: TopValues;
  readonly regions: TopValues;
  readonly actions: TopValues;
  /** Hours whose rows changed and that are not counted again yet. */
  readonly stale_hours: number;
}

const TOP = 10;
/** A path asked for once says little about its speed. */
const LEAST_TIMED = 5;
const TWO_DAYS_MS = 2 * 86_400_000;

/** Who asked for what, from the counts by hour and day alone; steps that the range touches count as wholes. */
export async function trafficOverview(ctx: Context, range: Range): Promise<Traffic> {
  const wanted = stepOf(range);
  const step = wanted === "minute" ? "slot" : wanted;
  const isLong = Date.parse(range.end) - Date.parse(range.start) > TWO_DAYS_MS;
  const grain = isLong ? "day" : "hour";
  const [periods, bounds] = await Promise.all([periodsOf(ctx, range, step), periodsOf(ctx, range, grain)]);
  const whole = { from: bounds[0] ?? range.start, to: bounds.at(-1) ?? range.end, grain } as const;
  const [points, { slowest, ...paths }, users, regions, actions, stale] = await Promise.all([
    readPoints(ctx, periods, step),
    topValues(ctx, "access_logs", "path", whole),
    topValues(ctx, "access_logs", "user", whole),
    topValues(ctx, "access_logs", "region", whole),
    topValues(ctx, "user_activities", "action", whole),
    ctx.db.sql<{ hours: number }[]>`
      select count(*)::int as hours from stale_hours where hour >= ${whole.from} and hour < ${whole.to}`,
  ]);
  return {
    step,
    points,
    requests: points.reduce((sum, point) => sum + point.requests, 0),
    lists_by: grain,
    paths,
    slowest,
    users,
    regions,
    actions,
    stale_hours: stale[0]?.hours ?? 0,
  };
}

async function readPoints(ctx: Context, periods: readonly Instant[], step: Step): Promise<TrafficPoint[]> {
  const rows = await ctx.db.sql<{ table: LogTableName; dimension: string; at: string; value: string; rows: number }[]>`
    select log_table as table, dimension, at, value, rows::float8 as rows
    from traffic
    where log_table = any(${[...LOG_TABLE_NAMES]}::text[])
      and grain = ${step}
      and dimension in ('all', 'class', 'latency', 'distinct')
      and at >= ${periods[0] ?? "infinity"} and at < ${periods.at(-1) ?? "infinity"}`;
  const found = byPeriod(rows);
  return periods.slice(0, -1).map((at, index) => {
    const own = found.get(at) ?? [];
    const of = (table: LogTableName, dimension: string) =>
      own.filter((row) => row.table === table && row.dimension === dimension);
    const users = own.filter(({ dimension, value }) => dimension === "distinct" && value === "user");
    const latency = of("access_logs", "latency").map(({ value, rows: count }) => ({ bucket: Number(value), count }));
    const quantile = (share: number) =>
      latency.length === 0 ? null : (quantileOf(latency, LATENCY_BOUNDS, share) ?? LATENCY_BOUNDS.at(-1) ?? null);
    return {
      at,
      end: periods[index + 1] ?? at,
      requests: of("access_logs", "all")[0]?.rows ?? 0,
      classes: Object.fromEntries(of("access_logs", "class").map(({ value, rows: count }) => [value, count])),
      p50: quantile(0.5),
      p95: quantile(0.95),
      activities: of("user_activities", "all")[0]?.rows ?? 0,
      users: step === "slot" ? null : Math.max(0, ...users.map(({ rows: count }) => count)),
    };
  });
}

interface Whole {
  readonly from: Instant;
  readonly to: Instant;
  readonly grain: "hour" | "day";
}

interface ValueRow extends TopValue {
  readonly list: "most" | "slowest";
  readonly distinct: number;
}

/** The values of a dimension that most rows have, and the slowest of them, from one reading of the counts. */
async function topValues(
  ctx: Context,
  table: LogTableName,
  dimension: string,
  whole: Whole,
): Promise<TopValues & { readonly slowest: TopValue[] }> {
  const { sql } = ctx.db;
  const [rows, distinct] = await Promise.all([
    sql<ValueRow[]>`
      with summed as materialized (
        select
          value,
          sum(rows)::float8 as rows,
          sum(timed)::float8 as timed,
          (sum(time_sum) / nullif(sum(timed), 0))::float8 as mean_time,
          (case when sum(timed) > 0 then max(time_most) end)::float8 as longest_time
        from traffic
        where log_table = ${table} and grain = ${whole.grain} and dimension = ${dimension}
          and at >= ${whole.from} and at < ${whole.to}
        group by value
      ),
      different as (select count(*)::float8 as distinct from summed)
      (
        select 'most' as list, value, rows, mean_time, longest_time, different.distinct
        from summed cross join different
        order by rows desc, value
        limit ${TOP}
      )
      union all
      (
        select 'slowest', value, rows, mean_time, longest_time, 0
        from summed
        where timed >= ${LEAST_TIMED}
        order by mean_time desc, value
        limit ${TOP}
      )`,
    sql<{ most: number; cut: boolean }[]>`
      select coalesce(max(rows), 0)::float8 as most, coalesce(bool_or(timed > 0), false) as cut
      from traffic
      where log_table = ${table} and grain = ${whole.grain} and dimension = 'distinct' and value = ${dimension}
        and at >= ${whole.from} and at < ${whole.to}`,
  ]);
  const valuesOf = (wanted: ValueRow["list"]) =>
    rows.filter(({ list }) => list === wanted).map(({ list: _, distinct: __, ...value }): TopValue => value);
  return {
    values: valuesOf("most"),
    slowest: valuesOf("slowest"),
    distinct: Math.max(rows[0]?.distinct ?? 0, distinct[0]?.most ?? 0),
    is_at_least: distinct[0]?.cut ?? false,
  };
}
