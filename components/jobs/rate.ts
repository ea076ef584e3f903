/** How far a job was at a moment. */
export interface Sample {
  /** Milliseconds, of any clock. */
  readonly at: number;
  readonly done: number;
}

/** Long enough to be calm, short enough to show that a job has come to a hard part. */
const WINDOW_MS = 10_000;
/** A rate over less would jump about. */
const MIN_MS = 1_000;

/**
 * The samples with one more, as far as they matter: none before the first rows, since the time that a job takes to
 * start says nothing of its speed; a job that begins anew (fewer rows than before) forgets its past.
 */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  if (sample.done === 0) return [];
  const last = samples.at(-1);
  if (last && sample.done < last.done) return [sample];
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample];
}

/** Rows a second over the samples; null while they are too close to tell. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < MIN_MS) return null;
  return (last.done - first.done) / ((last.at - first.at) / 1_000);
}

/** Seconds until `total` at this rate; null where nobody can tell. */
export function secondsLeft(done: number, total: number | null, rate: number | null): number | null {
  return total === null || rate === null || rate <= 0 ? null : Math.max(0, total - done) / rate;
}
