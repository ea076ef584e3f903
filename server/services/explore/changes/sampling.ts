import type { Span, Spans } from "./spans";

/** Which rows are read. */
export interface Sampling {
  /** One of so many rows of the window and of the day before, by the hash of their time. */
  readonly every: number;
  /** The ranges of the baseline that are read; null for all of it. DuckDB skips the rows between them. */
  readonly ranges: readonly Span[] | null;
}

export const ALL_ROWS: Sampling = { every: 1, ranges: null };

/** Ranges of the baseline. They are as many in each of its parts. */
const RANGES = 18;
/** Fewer rows of the baseline are not worth the reading of ranges. */
const MAX_SHARE = 0.5;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Returns a sampling of about `rows` rows of the window with the day before, and as many of the baseline. */
export function samplingOf(found: { now: number; before: number }, rows: number, spans: Spans): Sampling {
  return {
    every: Math.max(1, Math.floor(found.now / rows)),
    ranges: rangesOf(spans.baseline, rows / Math.max(1, found.before)),
  };
}

/**
 * Returns ranges that are a share of the period; null for all of it. Each is at another place of its part, so that they
 * are not all at the same time of the day.
 */
export function rangesOf({ start, end }: Span, share: number): Span[] | null {
  if (share > MAX_SHARE) return null;
  const part = (end - start) / RANGES;
  return Array.from({ length: RANGES }, (_, index) => {
    const from = Math.round(start + part * (index + (1 - share) * ((index * GOLDEN) % 1)));
    return { start: from, end: Math.round(from + part * share) };
  });
}

/** Returns the length of the window divided by that of the baseline, as the rows that are read show it. */
export function durationOf({ window, baseline }: Spans, { every, ranges }: Sampling): number {
  const read = (ranges ?? [baseline]).reduce((sum, { start, end }) => sum + end - start, 0);
  return (window.end - window.start) / every / Math.max(1, read);
}
