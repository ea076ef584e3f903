import type { Context, Principal } from "@/server/process/context";
import type { FilteredTraffic } from "../contract";
import type { Range } from "../periods";
import { askingAbout } from "./asking";
import { frequentRegions, frequentValues, slowestPaths } from "./lists";

/**
 * Counts the requests that match filters, for which no counts are stored.
 * @throws AppError as explore
 */
export async function filteredTraffic(
  ctx: Context,
  principal: Principal,
  range: Range,
  filters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<FilteredTraffic> {
  const rows = { table: "access_logs", range, filters } as const;
  const { step, interval, periods, ask } = await askingAbout(ctx, principal, rows, signal);
  const time = { field: "response_time" } as const;
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
  for (const [at, name, count] of classes.rows) {
    if (name === null || name === undefined) continue;
    classesAt.set(at, { ...classesAt.get(at), [String(name)]: Number(count) });
  }
  return {
    step,
    requests: figures.rows_matched,
    points: periods.map((period) => {
      const [requests = 0, p50 = null, p95 = null] = figuresAt.get(period.at) ?? [];
      return {
        ...period,
        requests: Number(requests),
        classes: classesAt.get(period.at) ?? {},
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
