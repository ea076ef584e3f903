import { createParser } from "nuqs/server";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import type { Bounds } from "../../time-range/bounds";
import type { ExploreQuestion } from "../state";
import type { ChangesInput } from "./types";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Longer windows are in whole minutes, which can be read at a glance. */
const MAX_SECONDS_MS = 10 * MINUTE_MS;
const DAY_MS = 86_400_000;

/** What a window is compared with; the first is the default. */
const BASELINES = ["previous", "day", "dayBefore", "weekBefore"] as const;
export type Baseline = (typeof BASELINES)[number];

/** A window of time in whole seconds or minutes, and what it is compared with. */
export interface ChangesWindow extends Readonly<Bounds> {
  readonly baseline: Baseline;
}

/** The rows that are compared. */
export type ComparedRows = Pick<ExploreQuestion, "table" | "filters" | "archived">;

/** The parameter of URLs with the window of an open panel. */
export const CHANGES_PARAMETER = "changes";

/** `2026-11-30T14:00:00Z..2026-11-30T14:30:00Z`, with a third part if the baseline is not the default. */
export const parseAsWindow = createParser<ChangesWindow>({
  parse: (text) => {
    const [start = "", end = "", name = BASELINES[0], ...others] = text.split("..");
    const baseline = BASELINES.find((known) => known === name);
    const [from, to] = [readTime(start), readTime(end)];
    if (baseline === undefined || from === undefined || to === undefined || from >= to || others.length > 0)
      return null;
    return { from, to, baseline };
  },
  serialize: ({ from, to, baseline }) =>
    [written(from), written(to), ...(baseline === BASELINES[0] ? [] : [baseline])].join(".."),
  eq: (one, other) => one.from === other.from && one.to === other.to && one.baseline === other.baseline,
});

/**
 * The window around bounds. What has not happened yet is cut off, since its missing rows would look like a decrease.
 * @param now milliseconds since 1970
 */
export function windowOf({ from, to }: Bounds, now: number, baseline: Baseline = BASELINES[0]): ChangesWindow {
  const unit = to - from > MAX_SECONDS_MS ? MINUTE_MS : SECOND_MS;
  const start = Math.floor(from / unit) * unit;
  const end = Math.max(start + unit, Math.ceil(to / unit) * unit);
  const until = Math.floor(now / unit) * unit;
  return { from: start, to: until > start ? Math.min(end, until) : end, baseline };
}

/** The bounds of what a window is compared with. */
export function baselineOf({ from, to, baseline }: ChangesWindow): Bounds {
  switch (baseline) {
    case "previous":
      return { from: from - (to - from), to: from };
    case "day":
      return { from: from - DAY_MS, to: from };
    case "dayBefore":
      return { from: from - DAY_MS, to: to - DAY_MS };
    case "weekBefore":
      return { from: from - 7 * DAY_MS, to: to - 7 * DAY_MS };
  }
}

/** The baselines that make sense for a window: those that do not overlap it, and are not the default in other words. */
export function baselinesOf({ from, to, baseline }: ChangesWindow): Baseline[] {
  const length = to - from;
  const max = { previous: Number.POSITIVE_INFINITY, day: DAY_MS, dayBefore: DAY_MS, weekBefore: 7 * DAY_MS };
  return BASELINES.filter((name) => length < max[name] || name === baseline);
}

/** A window and its rows as a request. */
export function changesInput({ table, filters: all, archived }: ComparedRows, window: ChangesWindow): ChangesInput {
  const { [FILTER_PARAMETER]: filter, ...filters } = all;
  return {
    table,
    ...(filter ? { filter } : {}),
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
    ...(archived ? { include_archived: true } : {}),
    window: periodOf(window),
    // Without a baseline, the same time of the day before is considered too.
    baseline: window.baseline === BASELINES[0] ? null : periodOf(baselineOf(window)),
  };
}

function periodOf({ from, to }: Bounds): { start: string; end: string } {
  return { start: written(from), end: written(to) };
}

function readTime(text: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function written(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
