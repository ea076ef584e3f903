import type { Dispersion } from "./dispersion";
import { before, type Kind, type Tallies } from "./tally";

/**
 * Whether a value of a field has more rows in the window than chance, growth and habit explain.
 *
 * The number is compared with what is expected by: the value's share of the baseline, relative to the rest; its own
 * rate per hour, so that the fall of others raises nothing; the same time of the day before; and for errors and slow
 * rows its usual proportion of them, so that a value with more traffic is not blamed for as many more errors. The
 * evidence is the smallest log-likelihood ratio of a Poisson rate (Dunning 1993), divided by the variance that the value
 * and its field had between parts of the baseline (quasi-likelihood, McCullagh and Nelder 1989), and has to exceed a
 * bound for all values that were compared (Bonferroni).
 */

/** The probability of a false alarm in one kind of rows, for rows that vary like those of the baseline. */
const ALPHA = 1e-4;
export const MIN_ROWS = 10;
/** Fewer rows cannot be compared with. */
const MIN_BASELINE = 30;
/** The part of the rows that a cause must explain. */
const MIN_EXPLAINED: Readonly<Record<Kind, number>> = { rows: 0.05, failed: 0.1, refused: 0.1, slow: 0.08 };
const MIN_GROWTH = 1.25;
/** A new value stands out if it has so many times the rows of any burst in the baseline, also if its field varies much. */
const BURSTS = 4;
/** How well the rate of a value without rows in the baseline is known: as if it had so many. */
const PRIOR_SHAPE = 4;
/** Rows whose distribution is assumed for errors if the baseline has few. */
const PRIOR = 20;

export interface Assessment {
  /** The rows without which the value would have its usual share. */
  readonly excess: number;
  /** The part of all rows of the kind that these are. */
  readonly explained: number;
  /** The part of the value's rows that these are. */
  readonly purity: number;
  readonly score: number;
}

export interface Comparison {
  /** The length of the window divided by that of the baseline. */
  readonly duration: number;
  readonly dispersion: Dispersion;
  /**
   * The number of values that were compared: those with MIN_ROWS in both periods together, because others cannot stand
   * out however their rows are distributed (Tarone 1990).
   */
  readonly values: number;
  /**
   * The visitor with most of the rows, which may be a single event: without it, the others must be evidence too, or
   * all must be many more than any requests at once. Without rows if they are independent.
   */
  readonly visitor: { readonly rows: number; readonly burst: number };
}

/** Returns how a value stands out; undefined if it does not. */
export function assess(value: Tallies, all: Tallies, kind: Kind, comparison: Comparison): Assessment | undefined {
  const { now } = value[kind];
  const total = all[kind].now;
  if (now < MIN_ROWS || before(all.rows) < MIN_BASELINE) return undefined;
  const { share, expectations } = expectedRows(value, all, kind, comparison.duration);
  const expected = Math.max(...expectations.map(({ rows }) => rows));
  if (now < Math.max(expected, total * share) * MIN_GROWTH) return undefined;
  const excess = now - expected;
  const explained = excess / total;
  if (excess < MIN_ROWS || explained < MIN_EXPLAINED[kind]) return undefined;
  const purity = excess / now;
  const bound = Math.log(Math.max(1, comparison.values) / ALPHA);
  const evidenceOf = (count: number) =>
    count <= expected ? 0 : Math.min(...expectations.map(({ shape, rows }) => evidence(count, shape, rows)));
  const found = evidenceOf(now);
  const { factor, burst } = comparison.dispersion;
  const { rows: ofOne, burst: ownBurst } = comparison.visitor;
  const ofOthers = evidenceOf(now - ofOne);
  const exceeds = (largest: number) =>
    purity > 0.85 && excess > BURSTS * Math.max(MIN_ROWS, largest * Math.max(1, comparison.duration));
  if (found < bound) return undefined;
  if (found / factor < bound && !exceeds(burst)) return undefined;
  if (ofOthers < bound && !exceeds(Math.max(burst, ownBurst))) return undefined;
  return { excess, explained, purity, score: explained * purity };
}

interface Expectation {
  readonly rows: number;
  /** How well the number is known: as if it had been counted from so many rows. */
  readonly shape: number;
}

interface Expected {
  /** The value's share of the baseline. */
  readonly share: number;
  readonly expectations: readonly Expectation[];
}

/** Returns the numbers of rows that a value would have by its share and by each of the others. */
function expectedRows(value: Tallies, all: Tallies, kind: Kind, duration: number): Expected {
  const [own, every] = [value[kind], all[kind]];
  const old = before(own);
  const now = value.rows.now;
  const restNow = every.now - own.now;
  const restOld = before(every) - old;
  const part = now / Math.max(1, all.rows.now);
  const [prior, restPrior] = kind === "rows" ? [0.5, 0.5] : [PRIOR * part, PRIOR * (1 - part)];
  const shape = old + prior + PRIOR_SHAPE;
  const share = (old + prior) / (before(every) + prior + restPrior);
  const byShare = {
    // Relative to the rest, which the cause does not change.
    rows: (restNow * (old + prior)) / Math.max(1, restOld + restPrior),
    shape: 1 / (1 / shape + 1 / (restNow + PRIOR_SHAPE) + 1 / (restOld + restPrior + PRIOR_SHAPE)),
  };
  const byRate = { rows: old * duration, shape };
  const hasDay = all.rows.dayBefore >= MIN_BASELINE;
  const ratio = (one: number, other: number) => (other === 0 ? 0 : one / other);
  if (kind === "rows") {
    const growth = Math.max(1, ratio(restNow, every.dayBefore - own.dayBefore));
    return { share, expectations: [byShare, byRate, ...(hasDay ? [{ rows: own.dayBefore * growth, shape }] : [])] };
  }
  /** The value's rows with its usual proportion of errors. */
  const proportion = (errors: number, rows: number, usual: number) => (now * (errors + PRIOR * usual)) / (rows + PRIOR);
  const usual = Math.max(1, before(every)) / Math.max(1, before(all.rows));
  const byProportion = { rows: proportion(old, before(value.rows), usual), shape };
  if (!hasDay) return { share, expectations: [byShare, byRate, byProportion] };
  const { dayBefore } = value.rows;
  const worse = ratio(
    ratio(restNow, all.rows.now - now),
    ratio(every.dayBefore - own.dayBefore, all.rows.dayBefore - dayBefore),
  );
  const usualThen = Math.max(1, every.dayBefore) / all.rows.dayBefore;
  const byDay = { rows: proportion(own.dayBefore, dayBefore, usualThen) * Math.max(1, worse), shape };
  return { share, expectations: [byShare, byRate, byProportion, byDay] };
}

/** Half the G statistic of two Poisson numbers, whose second is expected to be `expected / old` times the first. */
function evidence(now: number, old: number, expected: number): number {
  const part = expected / (expected + old);
  const sum = now + old;
  return now * Math.log(now / (sum * part)) + old * Math.log(old / (sum * (1 - part)));
}
