import type { Transaction } from "@/server/db/client";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { PreviousTraffic, Step, Traffic } from "./contract";
import { grainOf, periodsOf, type Range, stepOf } from "./periods";
import { readOnly } from "./read-only";
import { topValues } from "./top-values";
import { uncountedHours } from "./traffic/uncounted";
import { trafficPoints, trafficTotals } from "./traffic-points";

const TWO_DAYS_MS = 2 * 86_400_000;

/**
 * Reads traffic from the counts by hour and day; steps that the range overlaps count as a whole. Never waits for
 * counting.
 * @param isCompared whether to read the period of the same length before, too
 */
export async function trafficOverview(ctx: Context, range: Range, isCompared = true): Promise<Traffic> {
  const wanted = stepOf(range);
  const step = wanted === "minute" ? "slot" : wanted;
  const isLong = Date.parse(range.end) - Date.parse(range.start) > TWO_DAYS_MS;
  const grain = isLong ? "day" : "hour";
  const { timeZone } = ctx.config;
  return await readOnly(ctx, async (tx) => {
    const periods = await periodsOf(tx, timeZone, range, step);
    const isByDay = isLong && grainOf(step) === "day";
    const bounds = isByDay ? periods : await periodsOf(tx, timeZone, range, grain);
    const whole = { from: bounds[0] ?? range.start, to: bounds.at(-1) ?? range.end, grain } as const;
    const points = await trafficPoints(tx, timeZone, periods, step);
    const shown = { start: periods[0] ?? range.start, end: periods.at(-1) ?? range.end };
    const { slowest, ...paths } = await topValues(tx, "access_logs", "path", whole);
    const { slowest: _, ...users } = await topValues(tx, "access_logs", "user", whole);
    const { slowest: __, ...regions } = await topValues(tx, "access_logs", "region", whole);
    const { slowest: ___, ...actions } = await topValues(tx, "user_activities", "action", whole);
    return {
      is_empty: await isNothingStored(tx),
      totals: await trafficTotals(tx, step, shown),
      previous: isCompared
        ? await previousTraffic(tx, timeZone, { range, shown, periods, step, now: ctx.now() })
        : null,
      step,
      points,
      requests: points.reduce((sum, point) => sum + point.requests, 0),
      lists_by: isByDay ? listUnit(step) : grain,
      paths,
      slowest,
      users,
      regions,
      actions,
      dirty_hours: await uncountedHours(tx, timeZone, whole),
    };
  });
}

interface Shown {
  readonly range: Range;
  /** The range in whole steps. */
  readonly shown: Range;
  readonly periods: readonly Instant[];
  readonly step: Step;
  readonly now: Date;
}

/**
 * The same times of the period before, so that a day is compared with the day before, hour by hour. Its totals cover as
 * much time as has passed of the range, in stored periods.
 */
async function previousTraffic(
  tx: Transaction,
  timeZone: string,
  { range, shown, periods, step, now }: Shown,
): Promise<PreviousTraffic> {
  const width = Date.parse(range.end) - Date.parse(range.start);
  const before = (at: Instant) => instantOf(new Date(Date.parse(at) - width));
  const starts = await periodsOf(tx, timeZone, { start: before(shown.start), end: before(shown.end) }, step);
  const points = await trafficPoints(tx, timeZone, starts.slice(0, periods.length), step);
  const passed = instantOf(new Date(Math.min(Date.parse(shown.end), now.getTime()) - width));
  return {
    totals: await trafficTotals(tx, step, { start: before(shown.start), end: passed }),
    points: points.map(({ requests, classes, p95, activities }) => ({
      requests,
      failed: classes["5xx"] ?? 0,
      p95,
      activities,
    })),
  };
}

async function isNothingStored(tx: Transaction): Promise<boolean> {
  const [stored] = await tx<{ nothing: boolean }[]>`
    select not exists (select from traffic) and not exists (select from dirty_hours)
      and not exists (select from dirty_ranges) as nothing`;
  return stored?.nothing ?? false;
}

/** The unit of lists that count whole steps of days. */
function listUnit(step: Step): Traffic["lists_by"] {
  switch (step) {
    case "2d":
    case "week":
    case "month":
    case "quarter":
    case "year":
    case "decade":
      return step;
    default:
      return "day";
  }
}
