/** The progress of a job at a point in time. */
export interface Sample {
  /** Milliseconds of any clock. */
  readonly at: number;
  readonly done: number;
}

/** Long enough to be steady, and short enough to show a slowdown. */
const WINDOW_MS = 10_000;
/** A rate over a shorter window fluctuates too much. */
const MIN_MS = 1_000;

/**
 * Adds a sample and drops outdated ones. Samples before the first rows are dropped, because the time that a job takes
 * to start does not reflect its speed. A job that restarts, with fewer rows than before, starts a new history.
 */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  if (sample.done === 0) return [];
  const last = samples.at(-1);
  if (last && sample.done < last.done) return [sample];
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample];
}

/** Returns the rows per second over the samples; null while they cover too short a time. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < MIN_MS) return null;
  return (last.done - first.done) / ((last.at - first.at) / 1_000);
}

/** Returns the seconds until `total` at this rate; null if unknown. */
export function secondsLeft(done: number, total: number | null, rate: number | null): number | null {
  return total === null || rate === null || rate <= 0 ? null : Math.max(0, total - done) / rate;
}
