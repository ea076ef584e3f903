import { type Instant, instantOf } from "@/server/lib/time";
import type { TimeRange } from "@/server/services/segment-files";

const HOUR_MS = 3_600_000;

/** The start of the hour after `hour`. */
export function hourAfter(hour: Instant): Instant {
  return instantOf(new Date(Date.parse(hour) + HOUR_MS));
}

/** Ranges of adjacent hours, in order. @param hours in order */
export function rangesOf(hours: readonly Instant[]): TimeRange[] {
  const ranges: TimeRange[] = [];
  for (const hour of hours) {
    const last = ranges.at(-1);
    const to = hourAfter(hour);
    if (last?.to === hour) ranges[ranges.length - 1] = { from: last.from, to };
    else ranges.push({ from: hour, to });
  }
  return ranges;
}

/** A condition on created_at, with literals because COPY accepts no parameters. */
export function inRanges(ranges: readonly TimeRange[]): string {
  const parts = ranges.map(({ from, to }) => `(created_at >= '${from}' and created_at < '${to}')`);
  return parts.length === 0 ? "false" : `(${parts.join(" or ")})`;
}
