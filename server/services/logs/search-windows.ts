import { SLOT_MS } from "@/server/db/values-index";

/** Milliseconds. Looking up the slots of a longer window costs more than it saves; it is searched without slots. */
export const MAX_SHORT = 16 * SLOT_MS;
/** Milliseconds. Traffic varies over the day, so a few rows do not indicate the number of rows in a longer time. */
const HALF_A_DAY = 4 * SLOT_MS;
/** The end of the last year in which rows can be stored. */
const LAST_TIME = Date.UTC(2101, 0, 1);

export interface TimeWindow {
  /** The start in milliseconds since 1970, like all times here. */
  readonly at: number;
  /** The end; undefined for the rest of the list. */
  readonly to?: number;
  /** Whether the index is queried by its slots of time. */
  readonly isShort: boolean;
}

/**
 * Returns the next window to search: `span` long from `at`, or up to the `end` of the list. Only a short window is
 * searched by slots. For a longer one, the index returns all matches in the partitions that it overlaps, which are
 * months. It therefore starts and ends at month boundaries, because matches elsewhere in a month could be millions of
 * rows.
 * @param span undefined for the rest of the list
 * @param isWalked whether the rows before `at` were searched and are few
 * @param isSparse whether a slot has few matches; a short window then ends at a slot boundary, because all matches of
 * its slots are looked up anyway
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
 * Returns the windows to search in one statement; the second is read only if the first has too few matches. If matches
 * are sparse, the first window is extended to half a day, and the second is the other half.
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

/** Returns the start of the first slot at or after a time, in the given direction. */
function slotBorder(time: number, ascending: boolean): number {
  return (ascending ? Math.ceil : Math.floor)(time / SLOT_MS) * SLOT_MS;
}

/** Returns the start of the first month at or after a time, in the given direction. */
function monthBorder(time: number, ascending: boolean): number {
  const date = new Date(time);
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  if (!ascending || start === time) return start;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
