import type { Instant } from "@/server/lib/time";
import type { ExploreAnswer, ExploreInput, ExploreValue } from "@/server/services/explore/contract";
import type { TopValue, TopValues } from "../contract";

/** Asks about the rows of the overview. */
export type Ask = (query: Omit<ExploreInput, "table">) => Promise<ExploreAnswer>;

const TOP = 10;
/** The mean of fewer requests is not significant. */
const MIN_TIMED = 5;
/** Groups that are read where the list is chosen among them. */
const READ = 1_000;

const TIMES = [
  { fn: "count" },
  { fn: "avg", field: "response_time" },
  { fn: "max", field: "response_time" },
  { fn: "sum", field: "response_time" },
] as const satisfies ExploreInput["measures"];

/** The inclusive end of a range for its exclusive end, which is in whole milliseconds. */
export function lastMicrosecond(end: Instant): string {
  return new Date(Date.parse(end) - 1).toISOString().replace("Z", "999Z");
}

/** The most frequent values of a column. */
export async function frequentValues(
  ask: Ask,
  column: string,
  measures: NonNullable<ExploreInput["measures"]> = [...TIMES],
): Promise<TopValues> {
  const { rows, totals, group_count } = await ask({ group_by: [column], measures, limit: TOP + 1 });
  const listed = rows.filter(([value]) => value !== null).slice(0, TOP);
  const isNoneListed = rows.length > listed.length && rows.some(([value]) => value === null);
  const none = isNoneListed
    ? rowsOf(rows.find(([value]) => value === null))
    : (await ask({ filter: `${column}:null` })).rows_matched;
  return valuesOf(listed.map(topValue), none, Number(totals[0]), (group_count ?? 0) - (none > 0 ? 1 : 0), false);
}

/** The paths with the longest mean time. */
export async function slowestPaths(ask: Ask): Promise<TopValue[]> {
  const query = { group_by: ["request_path"], order_by: { measure: 1, direction: "desc" } } as const;
  const { rows } = await ask({ ...query, group_by: [...query.group_by], measures: [...TIMES], limit: READ });
  return rows
    .filter((row) => timedOf(row) >= MIN_TIMED)
    .slice(0, TOP)
    .map(topValue);
}

/** The most frequent regions, as `COUNTRY / REGION`. */
export async function frequentRegions(ask: Ask): Promise<TopValues> {
  const { rows, totals, group_count } = await ask({ group_by: ["country", "region"], limit: READ });
  const counts = new Map<string, number>();
  for (const [country, region, count] of rows) {
    const name = [country, region].filter((part) => part !== null && part !== "").join(" / ");
    counts.set(name, (counts.get(name) ?? 0) + Number(count));
  }
  const none = counts.get("") ?? 0;
  counts.delete("");
  const all = [...counts].map(([value, count]) => ({ value, rows: count, mean_time: null, longest_time: null }));
  const listed = all.sort((one, other) => other.rows - one.rows).slice(0, TOP);
  return valuesOf(listed, none, Number(totals[0]), counts.size, (group_count ?? 0) > rows.length);
}

function valuesOf(
  values: readonly TopValue[],
  none: number,
  all: number,
  distinct: number,
  isLowerBound: boolean,
): TopValues {
  const others = values.reduce((left, { rows }) => left - rows, all - none);
  return { values: [...values], none, others, distinct, is_lower_bound: isLowerBound };
}

function topValue([value, count, mean, longest]: readonly ExploreValue[]): TopValue {
  const number = (given: ExploreValue | undefined) => (given === null || given === undefined ? null : Number(given));
  return {
    value: String(value),
    rows: Number(count),
    mean_time: number(mean),
    longest_time: number(longest),
  };
}

function rowsOf(row: readonly ExploreValue[] | undefined): number {
  return Number(row?.[1] ?? 0);
}

/** The requests that have a time; all if their times are zero. */
function timedOf([, count, mean, , sum]: readonly ExploreValue[]): number {
  if (mean === null || mean === undefined) return 0;
  return Number(mean) === 0 ? Number(count) : Math.round(Number(sum) / Number(mean));
}
