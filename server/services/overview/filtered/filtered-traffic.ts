import { FILTER_PARAMETER } from "@/server/catalog/filter";
import type { Instant } from "@/server/lib/time";
import type { Context, Principal } from "@/server/process/context";
import { explorer } from "@/server/services/explore";
import { type ExploreInput, exploreQuery } from "@/server/services/explore/contract";
import type { FilteredTraffic, Step } from "../contract";
import { periodsOf, type Range, stepOf } from "../periods";
import { readOnly } from "../read-only";
import { frequentRegions, frequentValues, lastMicrosecond, slowestPaths } from "./lists";

/** The step of a chart as an interval of explore. It has no years. */
const INTERVALS = { slot: "5m", hour: "1h", day: "1d", month: "1M", year: "1M" } as const satisfies Partial<
  Record<Step, ExploreInput["interval"]>
>;

/**
 * Counts the requests that match filters, for which no counts are stored. Steps that the range overlaps count as a
 * whole, as in trafficOverview.
 * @throws AppError as explore
 */
export async function filteredTraffic(
  ctx: Context,
  principal: Principal,
  range: Range,
  filters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<FilteredTraffic> {
  const wanted = stepOf(range);
  const step = wanted === "minute" ? "slot" : wanted === "year" ? "month" : wanted;
  const periods = await readOnly(ctx, (tx) => periodsOf(tx, ctx.config.timeZone, range, step));
  const dates = {
    start_date: periods[0] ?? range.start,
    end_date: lastMicrosecond(periods.at(-1) ?? range.end),
  };
  const ask = async ({ filter, ...query }: Omit<ExploreInput, "table">) =>
    await explorer(ctx, principal, signal).query(
      exploreQuery.parse({ table: "access_logs", filters: narrowed(filters, filter), ...dates, ...query }),
    );
  const time = { field: "response_time" } as const;
  const interval = INTERVALS[step];
  const [figures, classes, paths, slowest, users, regions] = await Promise.all([
    ask({ measures: [{ fn: "count" }, { fn: "p50", ...time }, { fn: "p95", ...time }], interval }),
    ask({ group_by: ["status_class"], interval, limit: 1_000 }),
    frequentValues(ask, "request_path"),
    slowestPaths(ask),
    frequentValues(ask, "user_id"),
    frequentRegions(ask),
  ]);
  const figuresAt = new Map(figures.rows.map(([at, ...values]) => [at, values]));
  const classesAt = new Map<unknown, Record<string, number>>();
  for (const [at, name, rows] of classes.rows) {
    if (name === null || name === undefined) continue;
    classesAt.set(at, { ...classesAt.get(at), [String(name)]: Number(rows) });
  }
  return {
    step,
    requests: figures.rows_matched,
    points: periods.slice(0, -1).map((at: Instant, index) => {
      const [requests = 0, p50 = null, p95 = null] = figuresAt.get(at) ?? [];
      return {
        at,
        end: periods[index + 1] ?? at,
        requests: Number(requests),
        classes: classesAt.get(at) ?? {},
        p50: p50 === null ? null : Number(p50),
        p95: p95 === null ? null : Number(p95),
      };
    }),
    paths,
    slowest,
    users,
    regions,
  };
}

/** The filters with a further expression. */
function narrowed(filters: Readonly<Record<string, string>>, expression: string | undefined) {
  if (expression === undefined) return filters;
  const given = filters[FILTER_PARAMETER];
  return { ...filters, [FILTER_PARAMETER]: given === undefined ? expression : `(${given}) and ${expression}` };
}
