import type { LogTableName } from "@/server/catalog";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import type { Instant } from "@/server/lib/time";
import type { Context, Principal } from "@/server/process/context";
import { explorer } from "@/server/services/explore";
import { type ExploreInput, exploreQuery } from "@/server/services/explore/contract";
import type { Step } from "../contract";
import { periodsOf, type Range } from "../periods";
import { readOnly } from "../read-only";
import { type Ask, lastMicrosecond } from "./lists";

/** The steps of a chart that are intervals of explore. The interface adds up points that are too many for bars. */
const INTERVALS = { slot: "5m", hour: "1h", day: "1d", month: "1M" } as const satisfies Partial<
  Record<Step, ExploreInput["interval"]>
>;
const MAX_HOURS = 8 * 24;
const MAX_DAYS = 200;
const HOUR_MS = 3_600_000;

/** Finer than unfiltered charts where explore has no interval in between. */
function intervalOf({ start, end }: Range): keyof typeof INTERVALS {
  const hours = (Date.parse(end) - Date.parse(start)) / HOUR_MS;
  if (hours <= 5) return "slot";
  if (hours <= MAX_HOURS) return "hour";
  return hours <= MAX_DAYS * 24 ? "day" : "month";
}

/** Rows of a table, as they are named in the contract. */
export interface FilteredRows {
  readonly table: LogTableName;
  readonly range: Range;
  readonly filters: Readonly<Record<string, string>>;
}

/**
 * Returns the steps of a range, and a function that asks about the matching rows in them. Steps that the range overlaps
 * count as a whole, as in trafficOverview.
 */
export async function askingAbout(
  ctx: Context,
  principal: Principal,
  { table, range, filters }: FilteredRows,
  signal?: AbortSignal,
) {
  const step = intervalOf(range);
  const bounds = await readOnly(ctx, (tx) => periodsOf(tx, ctx.config.timeZone, range, step));
  const dates = { start_date: bounds[0] ?? range.start, end_date: lastMicrosecond(bounds.at(-1) ?? range.end) };
  const ask: Ask = async ({ filter, ...query }) =>
    await explorer(ctx, principal, signal).query(
      exploreQuery.parse({ table, filters: narrowed(filters, filter), ...dates, ...query }),
    );
  const periods = bounds.slice(0, -1).map((at: Instant, index) => ({ at, end: bounds[index + 1] ?? at }));
  return { step, interval: INTERVALS[step], periods, ask };
}

/** The filters with a further expression. */
function narrowed(filters: Readonly<Record<string, string>>, expression: string | undefined) {
  if (expression === undefined) return filters;
  const given = filters[FILTER_PARAMETER];
  return { ...filters, [FILTER_PARAMETER]: given === undefined ? expression : `(${given}) and ${expression}` };
}
