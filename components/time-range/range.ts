import { RELATIVE_RANGES, type RelativeRange } from "@/server/catalog/time-ranges";

export { RELATIVE_RANGES, type RelativeRange };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const WIDTHS_MS: Readonly<Record<RelativeRange, number>> = {
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "3h": 3 * HOUR_MS,
  "6h": 6 * HOUR_MS,
  "12h": 12 * HOUR_MS,
  "24h": DAY_MS,
  "2d": 2 * DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  "90d": 90 * DAY_MS,
};

/**
 * A time range: up to now, between two times, or all time (null).
 * `start` and `end` are ISO 8601, both inclusive to their own precision; without an offset in APP_TIMEZONE.
 */
export type TimeRange = { last: RelativeRange } | { start: string; end: string } | null;

/** Returns the length of a relative range in milliseconds; null for other ranges. */
export function widthOf(range: TimeRange): number | null {
  return range !== null && "last" in range ? WIDTHS_MS[range.last] : null;
}

/**
 * Converts the range to request parameters. A relative range ends now, unless it is live.
 * @param isLive whether new rows are included, so that a relative range has no end
 */
export function rangeDates(range: TimeRange, now: number, isLive = false): { start_date?: string; end_date?: string } {
  if (range === null) return {};
  if ("start" in range) return { start_date: range.start, end_date: range.end };
  const start_date = new Date(now - WIDTHS_MS[range.last]).toISOString();
  return isLive ? { start_date } : { start_date, end_date: new Date(now).toISOString() };
}
