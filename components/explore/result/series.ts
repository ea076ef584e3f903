import type { TimePoint } from "../../charts/time-point";
import { groupKey, othersByTime, rowsOf, sizeOf } from "../answer";
import { isAdditive } from "../fields";
import type { ExploreQuestion, ExploreView } from "../state";
import type { ExploreAnswer, ExploreValue, Measure } from "../types";
import { bucketEnd, bucketsOf } from "../windows";

/** More lines or colors cannot be distinguished. */
export const MAX_SERIES = 6;

/** A line or a color of the chart over time. */
export interface Series {
  readonly name: string;
  /** The values of its groups; null for the others, and `before` for the previous period. */
  readonly groups: readonly ExploreValue[] | null;
  readonly kind: "group" | "others" | "before" | "measure";
  /** The index of its measure. */
  readonly measure: number;
}

/** Returns the views that suit a question; the first is chosen by default. */
export function viewsOf(question: ExploreQuestion): ExploreView[] {
  const { groups, interval, measures } = question;
  if (interval !== null) {
    const isStackable = measures[0] !== undefined && isAdditive(measures[0]);
    if (!isStackable) return ["line", "table"];
    return ["stacked", "line", "table"];
  }
  const isWeek = groups.length === 2 && groups.includes("weekday") && groups.includes("hour_of_day");
  return groups.length === 0 ? ["bars", "table"] : isWeek ? ["heat", "bars", "table"] : ["bars", "table"];
}

/** The view of a question: the chosen one if it suits. */
export function viewOf(question: ExploreQuestion, view: ExploreView): ExploreView {
  const [first = "table", ...others] = viewsOf(question);
  return others.includes(view) ? view : first;
}

/** The groups of an answer over time in their order: each bucket has those with rows in it. */
function orderedGroups(rows: ReturnType<typeof rowsOf>): readonly (readonly ExploreValue[])[] {
  const order: string[] = [];
  const byKey = new Map<string, readonly ExploreValue[]>();
  let previous = -1;
  let time: string | null = null;
  for (const row of rows) {
    if (row.time !== time) previous = -1;
    time = row.time;
    const key = groupKey(row.groups);
    if (!byKey.has(key)) {
      byKey.set(key, row.groups);
      order.splice(previous + 1, 0, key);
    }
    previous = order.indexOf(key);
  }
  return order.map((key) => byKey.get(key) ?? []);
}

/**
 * Returns the series and points of an answer over time.
 * @param drawn the index of the measure that is drawn
 */
export function timeSeries(
  question: ExploreQuestion,
  answer: ExploreAnswer,
  drawn: number,
  timeZone: string,
): { series: Series[]; points: TimePoint[]; groupCount: number } {
  const rows = rowsOf(answer);
  const others = othersByTime(answer);
  const measure = question.measures[drawn];
  const isGrouped = question.groups.length > 0;
  const isSum = measure !== undefined && isAdditive(measure);
  const groups = isGrouped ? orderedGroups(rows) : [];
  const shown = groups.slice(0, MAX_SERIES);
  const hasOthers = isSum && (groups.length > shown.length || others.length > 0);
  const isCompared = answer.before_start !== null && !isGrouped;
  const series: Series[] = [
    ...(isGrouped
      ? shown.map((values) => ({ name: groupKey(values), groups: values, kind: "group" as const, measure: drawn }))
      : sameKind(question.measures, drawn).map((index) => ({
          name: `m${index}`,
          groups: [],
          kind: "measure" as const,
          measure: index,
        }))),
    ...(isGrouped && hasOthers ? [{ name: "others", groups: null, kind: "others" as const, measure: drawn }] : []),
    ...(isCompared ? [{ name: "before", groups: [], kind: "before" as const, measure: drawn }] : []),
  ];
  const { interval } = answer;
  const times = bucketsOf(
    answer,
    [...rows, ...others].flatMap(({ time }) => time ?? []),
    timeZone,
  );
  const byTime = new Map<string, Record<string, number | null>>();
  const names = new Set(series.map(({ name }) => name));
  const add = (time: string | null, name: string, value: number | null) => {
    if (time === null || value === null) return;
    const values = byTime.get(time) ?? {};
    values[name] = name === "others" ? (values[name] ?? 0) + value : value;
    byTime.set(time, values);
  };
  for (const row of rows) {
    const value = sizeOf(row.values[drawn]?.now);
    if (isGrouped) {
      const key = groupKey(row.groups);
      if (names.has(key)) add(row.time, key, value);
      else if (hasOthers) add(row.time, "others", value);
    } else {
      for (const { name, kind, measure: index } of series)
        if (kind === "measure") add(row.time, name, sizeOf(row.values[index]?.now));
      if (isCompared) add(row.time, "before", sizeOf(row.values[drawn]?.before));
    }
  }
  if (hasOthers) for (const row of others) add(row.time, "others", sizeOf(row.values[drawn]?.now));
  // Buckets without rows have a count of nothing, but no average.
  const none = Object.fromEntries(series.map(({ name }) => [name, isSum ? 0 : null]));
  const points = times.map((at) => ({
    ...none,
    ...byTime.get(at),
    at,
    end: interval ? new Date(bucketEnd(at, interval, timeZone)).toISOString() : at,
  }));
  return { series, points, groupCount: groups.length };
}

/** The measures that share the axis of the drawn one: percentiles of the same field. */
function sameKind(measures: readonly Measure[], drawn: number): number[] {
  const own = measures[drawn];
  if (!own || own.field === undefined || own.fn === "distinct" || own.fn === "sum") return [drawn];
  return measures.flatMap((measure, index) =>
    index === drawn || (measure.field === own.field && measure.fn !== "distinct" && measure.fn !== "sum")
      ? [index]
      : [],
  );
}
