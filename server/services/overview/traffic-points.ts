import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import { quantileOf } from "@/server/services/metrics";
import type { Step, TrafficPoint } from "./contract";
import { byPeriod, grainOf, stepStart } from "./periods";
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
      log_table as table, dimension, ${stepStart(tx, timeZone, step)} as at, value, sum(rows)::float8 as rows
    from traffic
    where log_table = any(${[...LOG_TABLE_NAMES]}::text[])
      and grain = ${grainOf(step)}
      and dimension in ('all', 'class', 'latency', 'distinct')
      and at >= ${periods[0] ?? "infinity"} and at < ${periods.at(-1) ?? "infinity"}
    group by 1, 2, 3, 4`;
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
      users: step === "hour" || step === "day" ? Math.max(0, ...users.map(({ rows: count }) => count)) : null,
    };
  });
}
