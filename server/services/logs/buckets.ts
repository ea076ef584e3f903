import { addDays, type Instant, instantAt, localDate, parseInstant, secondsOf } from "@/server/lib/time";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Round widths in seconds. Those above a month exist so that any range fits. */
const WIDTHS = [
  1,
  5,
  10,
  30,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
  365 * DAY,
  3_650 * DAY,
];

/**
 * Splits a range into at most `maxBuckets` buckets of a round width, which start at round times of `timeZone`: days at
 * midnight, hours counted from the midnight before `start`.
 * @param start inclusive
 * @param end exclusive, after start
 * @returns the edges: the start of each bucket, and the end of the last
 */
export function bucketEdges(
  start: Instant,
  end: Instant,
  maxBuckets: number,
  timeZone: string,
): { seconds: number; edges: Instant[] } {
  for (const seconds of WIDTHS) {
    if ((secondsOf(end) - secondsOf(start)) / seconds > maxBuckets) continue;
    const edges =
      seconds < DAY ? clockEdges(start, end, seconds, timeZone) : dayEdges(start, end, seconds / DAY, timeZone);
    if (edges.length - 1 <= maxBuckets) return { seconds, edges };
  }
  return { seconds: Math.ceil(secondsOf(end) - secondsOf(start)), edges: [start, end] };
}

function clockEdges(start: Instant, end: Instant, width: number, timeZone: string): Instant[] {
  const midnight = secondsOf(parseInstant(localDate(start, timeZone), timeZone) ?? start);
  const first = midnight + Math.floor((secondsOf(start) - midnight) / width) * width;
  const count = Math.ceil((secondsOf(end) - first) / width);
  return Array.from({ length: count + 1 }, (_, index) => instantAt(first + index * width));
}

/** By calendar day: a day with a DST change has 23 or 25 hours. */
function dayEdges(start: Instant, end: Instant, days: number, timeZone: string): Instant[] {
  const edges: Instant[] = [];
  for (let date = localDate(start, timeZone); ; date = addDays(date, days)) {
    // The first of all days can begin before the year 1.
    const edge = parseInstant(date, timeZone) ?? (edges.length === 0 ? start : undefined);
    if (edge === undefined) return [...edges, end];
    edges.push(edge);
    if (edge >= end) return edges;
  }
}
