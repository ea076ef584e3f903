import { parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import { type Bounds, rangeBetween } from "../time-range/bounds";
import { formatTime } from "../ui/time";
import type { ExploreAnswer } from "./types";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WIDTHS_MS = { "1m": 60_000, "5m": 300_000, "1h": HOUR_MS } as const;
/** Longer ranges are not searched for the hours of a week. */
const MAX_HOURS = 24 * 400;

type Interval = NonNullable<ExploreAnswer["interval"]>;

/** The exclusive end of the bucket that starts at `time`, in milliseconds since 1970. */
export function bucketEnd(time: string, interval: Interval, timeZone: string): number {
  if (interval === "1m" || interval === "5m" || interval === "1h") return Date.parse(time) + WIDTHS_MS[interval];
  const day = formatTime(time, timeZone).slice(0, 10);
  const last = interval === "1M" ? lastOfMonth(day) : interval === "1w" ? later(day, 6) : day;
  return Date.parse(parseRangeEnd(last, timeZone) ?? time);
}

/** The starts of all buckets from the first to the last row of an answer and to its ends, also of those without rows. */
export function bucketsOf(answer: ExploreAnswer, times: readonly string[], timeZone: string): string[] {
  const { interval } = answer;
  const known = [...new Set(times)].sort();
  const first = known[0];
  if (!interval || first === undefined) return known;
  const end = Date.parse(answer.end);
  const found = new Set(known.map((time) => Date.parse(time)));
  for (let at = Date.parse(first), steps = 0; at < end && steps < 5_000; steps++) {
    found.add(at);
    at = bucketEnd(new Date(at).toISOString(), interval, timeZone);
  }
  const start = Date.parse(answer.start);
  for (let at = Date.parse(first), steps = 0; at > start && steps < 5_000; steps++) {
    at = bucketStart(at - 1, interval, timeZone);
    found.add(at);
  }
  const byTime = new Map(known.map((time) => [Date.parse(time), time]));
  return [...found].sort((a, b) => a - b).map((at) => byTime.get(at) ?? new Date(at).toISOString());
}

function bucketStart(last: number, interval: Interval, timeZone: string): number {
  if (interval === "1m" || interval === "5m" || interval === "1h") return last + 1 - WIDTHS_MS[interval];
  const day = formatTime(new Date(last).toISOString(), timeZone).slice(0, 10);
  const first = interval === "1M" ? `${day.slice(0, 8)}01` : interval === "1w" ? later(day, -6) : day;
  return Date.parse(parseRangeStart(first, timeZone) ?? "");
}

function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function lastOfMonth(day: string): string {
  const [year = 0, month = 0] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The windows of a weekday, an hour of day or both in an answer's range, newest first; empty if the range is too long. */
export function hoursOf(
  { start, end }: Pick<ExploreAnswer, "start" | "end">,
  at: { readonly weekday?: number; readonly hour?: number },
  timeZone: string,
): Bounds[] {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  if ((to - from) / HOUR_MS > MAX_HOURS) return [];
  const found: Bounds[] = [];
  // In steps of a quarter, since time zones differ from UTC by multiples of it.
  const step = HOUR_MS / 4;
  for (let time = Math.floor(from / step) * step; time < to; time += step) {
    const local = formatTime(new Date(time).toISOString(), timeZone);
    const weekday = new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7;
    const isMatch =
      (at.weekday === undefined || weekday === at.weekday) &&
      (at.hour === undefined || Number(local.slice(11, 13)) === at.hour);
    if (!isMatch) continue;
    const part = { from: Math.max(from, time), to: Math.min(to, time + step) };
    const last = found.at(-1);
    if (last?.to === part.from) last.to = part.to;
    else found.push(part);
  }
  return found.reverse();
}

const WHOLE_SECOND = /\.0+Z$/;

/** The part of an answer's range within bounds as the range of a log page, with exactly the same rows. */
export function exactRange(
  { start, end }: Pick<ExploreAnswer, "start" | "end">,
  bounds: Bounds | null,
  timeZone: string,
): { start: string; end: string } {
  const isFrom = bounds !== null && bounds.from > Date.parse(start);
  const isTo = bounds !== null && bounds.to < Date.parse(end);
  const from = isFrom ? new Date(bounds.from).toISOString() : start;
  const to = isTo ? new Date(bounds.to).toISOString() : end;
  if (WHOLE_SECOND.test(from) && WHOLE_SECOND.test(to) && Date.parse(from) < Date.parse(to))
    return rangeBetween({ from: Date.parse(from), to: Date.parse(to) }, timeZone);
  return { start: from, end: microsecondBefore(to) };
}

/** The last microsecond before an exclusive end. */
function microsecondBefore(end: string): string {
  const [, second = "", fraction = ""] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(end) ?? [];
  const micros = Number(fraction.padEnd(6, "0").slice(0, 6));
  if (micros > 0) return `${second}.${String(micros - 1).padStart(6, "0")}Z`;
  return `${new Date(Date.parse(`${second}Z`) - 1_000).toISOString().slice(0, 19)}.999999Z`;
}
