import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import { quantileOf } from "@/server/services/metrics";
import type { Step, TrafficPoint, TrafficTotals } from "./contract";
import { byPeriod, grainOf, type Range, stepStart } from "./periods";
import { rounded } from "./series";
import { LATENCY_BOUNDS } from "./traffic/dimensions";

/** The counts in each of `periods`. Each period ends where the next one starts. */
export async function trafficPoints(
  tx: Transaction,
  timeZone: string,
  periods: readonly Instant[],
  step: Step,
): Promise<TrafficPoint[]> {
  const rows = await tx<{ table: LogTableName; dimension: string; at: string; value: string; rows: number }[]>`
    select
      log_table as table, dimension, ${stepStart(tx, timeZone, step)} as at, value,
      -- Distinct users cannot be added up.
      (case dimension when 'distinct' then max(rows) else sum(rows) end)::float8 as rows
    from traffic
    where log_table = any(${[...LOG_TABLE_NAMES]}::text[])
      and grain = ${grainOf(step)}
      and dimension in ('all', 'class', 'latency', 'distinct')
      and at >= ${periods[0] ?? "infinity"} and at < ${periods.at(-1) ?? "infinity"}
    group by 1, 2, 3, 4`;
  const found = byPeriod(rows);
  const hasUsers =
    grainOf(step) !== "slot" && step !== "year" && step !== "decade" && step !== "month" && step !== "quarter";
  return periods.slice(0, -1).map((at, index) => {
    const own = found.get(at) ?? [];
    const of = (table: LogTableName, dimension: string) =>
      own.filter((row) => row.table === table && row.dimension === dimension);
    const users = own.filter(({ dimension, value }) => dimension === "distinct" && value === "user");
    const latency = of("access_logs", "latency");
    return {
      at,
      end: periods[index + 1] ?? at,
      requests: of("access_logs", "all")[0]?.rows ?? 0,
      classes: Object.fromEntries(of("access_logs", "class").map(({ value, rows: count }) => [value, count])),
      p50: latencyOf(latency, 0.5),
      p95: latencyOf(latency, 0.95),
      activities: of("user_activities", "all")[0]?.rows ?? 0,
      users: hasUsers ? Math.max(0, ...users.map(({ rows: count }) => count)) : null,
    };
  });
}

/** The counts in a time range, as far as it consists of whole stored periods of `step`. */
export async function trafficTotals(tx: Transaction, step: Step, { start, end }: Range): Promise<TrafficTotals> {
  const rows = await tx<{ table: LogTableName; dimension: string; value: string; rows: number }[]>`
    select log_table as table, dimension, value, sum(rows)::float8 as rows
    from traffic
    where log_table = any(${[...LOG_TABLE_NAMES]}::text[])
      and grain = ${grainOf(step)}
      and dimension in ('all', 'class', 'latency')
      and at >= ${start} and at < ${end}
    group by 1, 2, 3`;
  const of = (table: LogTableName, dimension: string) =>
    rows.filter((row) => row.table === table && row.dimension === dimension);
  const latency = of("access_logs", "latency");
  return {
    requests: of("access_logs", "all")[0]?.rows ?? 0,
    failed: of("access_logs", "class").find(({ value }) => value === "5xx")?.rows ?? 0,
    p50: latencyOf(latency, 0.5),
    p95: latencyOf(latency, 0.95),
    activities: of("user_activities", "all")[0]?.rows ?? 0,
  };
}

/** @param rows counts by the bucket of their response times */
function latencyOf(rows: readonly { readonly value: string; readonly rows: number }[], share: number): number | null {
  if (rows.length === 0) return null;
  const counts = rows.map(({ value, rows: count }) => ({ bucket: Number(value), count }));
  const found = quantileOf(counts, LATENCY_BOUNDS, share) ?? LATENCY_BOUNDS.at(-1);
  return found === undefined ? null : rounded(found);
}
