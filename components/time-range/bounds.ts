import { parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import { formatTime } from "../ui/time";
import { RELATIVE_RANGES, type TimeRange, widthOf } from "./range";

/** Milliseconds since 1970; `to` is exclusive. */
export interface Bounds {
  from: number;
  to: number;
}

const SECOND_MS = 1_000;

/** Returns the times between which a range lies; null for all time and for invalid times. */
export function boundsOf(range: TimeRange, now: number, timeZone: string): Bounds | null {
  if (range === null) return null;
  if ("last" in range) return { from: now - (widthOf(range) ?? 0), to: now };
  const from = Date.parse(parseRangeStart(range.start, timeZone) ?? "");
  const to = Date.parse(parseRangeEnd(range.end, timeZone) ?? "");
  return Number.isNaN(from) || Number.isNaN(to) ? null : { from, to };
}

/** Returns the range between two times, as whole days if possible, otherwise to the second. */
export function rangeBetween({ from, to }: Bounds, timeZone: string): { start: string; end: string } {
  const first = Math.floor(from / SECOND_MS) * SECOND_MS;
  const after = Math.max(first + SECOND_MS, Math.ceil(to / SECOND_MS) * SECOND_MS);
  const last = after - SECOND_MS;
  const days = { start: wallClock(first, timeZone).slice(0, 10), end: wallClock(last, timeZone).slice(0, 10) };
  const daysBounds = boundsOf(days, 0, timeZone);
  if (daysBounds?.from === first && daysBounds.to === after) return days;
  return { start: written(first, timeZone), end: written(last, timeZone) };
}

/** Shifts the range back (-1) or forward (1) by its width. */
export function shifted(range: TimeRange, direction: -1 | 1, now: number, timeZone: string): TimeRange {
  const bounds = boundsOf(range, now, timeZone);
  if (!bounds) return range;
  const width = (bounds.to - bounds.from) * direction;
  return rangeBetween({ from: bounds.from + width, to: bounds.to + width }, timeZone);
}

/** Doubles the range around its middle, up to now; a relative range becomes the next wider one, then all time. */
export function zoomedOut(range: TimeRange, now: number, timeZone: string): TimeRange {
  if (range !== null && "last" in range) {
    const wider = RELATIVE_RANGES[RELATIVE_RANGES.indexOf(range.last) + 1];
    return wider === undefined ? null : { last: wider };
  }
  const bounds = boundsOf(range, now, timeZone);
  if (!bounds) return null;
  const width = bounds.to - bounds.from;
  const to = Math.max(bounds.to, Math.min(now, bounds.to + width / 2));
  return rangeBetween({ from: to - 2 * width, to }, timeZone);
}

/** Returns the day `ago` days before today in `timeZone` as a range. */
export function wholeDay(ago: number, now: number, timeZone: string): { start: string; end: string } {
  const today = wallClock(now, timeZone).slice(0, 10);
  const day = new Date(Date.parse(`${today}T00:00:00Z`) - ago * 86_400_000).toISOString().slice(0, 10);
  return { start: day, end: day };
}

/** Displays bounds: `2026-11-22 10:00 – 11:30`. */
export function boundsText({ from, to }: Bounds, timeZone: string): string {
  const text = (time: number) => formatTime(new Date(time).toISOString(), timeZone).replace(/( \d\d:\d\d):00$/, "$1");
  const [start, end] = [text(from), text(to)];
  return `${start} – ${start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end}`;
}

/** Returns the month `ago` months before the current one in `timeZone` as a range of whole days. */
export function wholeMonth(ago: number, now: number, timeZone: string): { start: string; end: string } {
  const [year = 0, month = 0] = wallClock(now, timeZone).split("-").map(Number);
  const day = (months: number, date: number) => new Date(Date.UTC(year, month - 1 + months, date)).toISOString();
  return { start: day(-ago, 1).slice(0, 10), end: day(1 - ago, 0).slice(0, 10) };
}

/** Formats a time as `2026-11-22T10:00:00` in `timeZone`. */
function wallClock(time: number, timeZone: string): string {
  return formatTime(new Date(time).toISOString(), timeZone).replace(" ", "T");
}

/** Formats a time in `timeZone`, or in UTC if the local time is ambiguous. */
function written(time: number, timeZone: string): string {
  const local = wallClock(time, timeZone);
  return Date.parse(parseRangeStart(local, timeZone) ?? "") === time
    ? local
    : `${new Date(time).toISOString().slice(0, 19)}Z`;
}
