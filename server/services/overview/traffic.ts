import type { Context } from "@/server/process/context";
import type { Traffic } from "./contract";
import { grainOf, periodsOf, type Range, stepOf } from "./periods";
import { readOnly } from "./read-only";
import { topValues } from "./top-values";
import { uncountedHours } from "./traffic/uncounted";
import { trafficPoints } from "./traffic-points";

const TWO_DAYS_MS = 2 * 86_400_000;

/**
 * Reads traffic from the counts by hour and day; steps that the range overlaps count as a whole. Never waits for
 * counting.
 */
export async function trafficOverview(ctx: Context, range: Range): Promise<Traffic> {
  const wanted = stepOf(range);
  const step = wanted === "minute" ? "slot" : wanted;
  const isLong = Date.parse(range.end) - Date.parse(range.start) > TWO_DAYS_MS;
  const grain = isLong ? "day" : "hour";
  const { timeZone } = ctx.config;
  return await readOnly(ctx, async (tx) => {
    const periods = await periodsOf(tx, timeZone, range, step);
    const bounds = grainOf(step) === grain ? periods : await periodsOf(tx, timeZone, range, grain);
    const whole = { from: bounds[0] ?? range.start, to: bounds.at(-1) ?? range.end, grain } as const;
    const points = await trafficPoints(tx, timeZone, periods, step);
    const { slowest, ...paths } = await topValues(tx, "access_logs", "path", whole);
    const { slowest: _, ...users } = await topValues(tx, "access_logs", "user", whole);
    const { slowest: __, ...regions } = await topValues(tx, "access_logs", "region", whole);
    const { slowest: ___, ...actions } = await topValues(tx, "user_activities", "action", whole);
    return {
      step,
      points,
      requests: points.reduce((sum, point) => sum + point.requests, 0),
      lists_by: step === "month" || step === "year" ? step : grain,
      paths,
      slowest,
      users,
      regions,
      actions,
      dirty_hours: await uncountedHours(tx, timeZone, whole),
    };
  });
}
