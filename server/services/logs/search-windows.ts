import { SLOT_MS } from "@/server/db/values-index";

/** Milliseconds. Of a longer window, the index has more slots to look up than they leave out: months are asked without. */
export const MAX_SHORT = 16 * SLOT_MS;
/** Milliseconds. Traffic comes round in a day: a few rows do not show how many there are in a span of it. */
const HALF_A_DAY = 4 * SLOT_MS;
/** The end of the last year that rows can be stored of. */
const LAST_TIME = Date.UTC(2101, 0, 1);

export interface TimeWindow {
  /** Milliseconds since 1970, as all times here. */
  readonly at: number;
  /** Undefined for all that is left. */
  readonly to?: number;
  /** Whether the index is asked by its slots of time. */
  readonly isShort: boolean;
}

/**
 * The window of time to search next, from `at` on, `span` long or to the `end` of the list. Only a short one is
 * found by its slots; of a long one the index gives all matches in the partitions that it touches, which are months,
 * so it begins and ends with a month: what matches elsewhere in one could be millions of rows.
 * @param span all that is left where undefined
 * @param isWalked whether the rows before `at` were searched, and few
 * @param isSparse whether little is found in a slot: a short window then ends with one, since all that matches in its
 * slots is looked up anyhow
 */
function nextWindow(search: {
  readonly at: number;
  readonly span?: number;
  readonly end?: number;
  readonly ascending: boolean;
  readonly isWalked: boolean;
  readonly isSparse: boolean;
}): TimeWindow {
  const { at, span = Number.POSITIVE_INFINITY, ascending, isWalked, isSparse } = search;
  const sign = ascending ? 1 : -1;
  const end = search.end ?? sign * Number.POSITIVE_INFINITY;
  const nearer = (one: number, other: number) => (sign * (one - other) <= 0 ? one : other);
  const wanted = nearer(at + sign * span, end);
  if (Math.abs(wanted - at) <= MAX_SHORT) {
    return { at, to: isSparse ? nearer(slotBorder(wanted, ascending), end) : wanted, isShort: true };
  }

  const border = monthBorder(at, ascending);
  if (border !== at && !isWalked) return { at, to: nearer(border, end), isShort: true };
  if (wanted < 0 || wanted > LAST_TIME) return { at, isShort: false };
  if (wanted !== end) return { at, to: nearer(monthBorder(wanted, ascending), end), isShort: false };
  const lastBorder = monthBorder(end, !ascending);
  return sign * (lastBorder - at) > 0 ? { at, to: lastBorder, isShort: false } : { at, to: end, isShort: true };
}

/**
 * The windows to search next in one statement, the second only if the first has too few: nextWindow's, and where
 * little is found half a day at least, and the other half behind it.
 */
export function nextWindows(search: Parameters<typeof nextWindow>[0]): TimeWindow[] {
  const first = nextWindow(search);
  const { at, to, isShort } = first;
  const { ascending, end } = search;
  if (!search.isSparse || !isShort || to === undefined || to === monthBorder(at, ascending)) return [first];
  const sign = ascending ? 1 : -1;
  const farther = (one: number, other: number) => (sign * (one - other) >= 0 ? one : other);
  const toEnd = (time: number) => (end !== undefined && sign * (time - end) > 0 ? end : time);
  const half = toEnd(farther(to, slotBorder(at + sign * HALF_A_DAY, ascending)));
  const whole = toEnd(farther(to, slotBorder(at + sign * 2 * HALF_A_DAY, ascending)));
  const windows = [{ at, to: half, isShort }];
  if (whole !== half) windows.push({ at: half, to: whole, isShort });
  return windows;
}

/** The first beginning of a slot at or behind a time, in that direction. */
function slotBorder(time: number, ascending: boolean): number {
  return (ascending ? Math.ceil : Math.floor)(time / SLOT_MS) * SLOT_MS;
}

/** The first beginning of a month at or behind a time, in that direction. */
function monthBorder(time: number, ascending: boolean): number {
  const date = new Date(time);
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  if (!ascending || start === time) return start;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
