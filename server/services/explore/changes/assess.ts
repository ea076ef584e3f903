import type { Dispersion } from "./dispersion";
import { before, type Kind, type Tallies } from "./tally";

/**
 * Whether a value of a field has more rows in the window than chance, growth and habit explain.
 *
 * The expected number is the highest of: the value's share of the baseline; its own rate per hour, so that the fall of
 * others raises nothing; its number at the same time of the day before; and for errors and slow rows its usual
 * proportion of them, so that a value with more traffic is not blamed for as many more errors. The evidence is the
 * log-likelihood ratio of a Poisson rate (Dunning 1993), divided by the variance that the value and its field had
 * between parts of the baseline (quasi-likelihood, McCullagh and Nelder 1989), and has to exceed a bound for all values
 * that were compared (Bonferroni).
 */

/** The probability of a false alarm in one kind of rows, for rows that vary like those of the baseline. */
const ALPHA = 1e-4;
const MIN_ROWS = 10;
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
  /** The number of values that were compared. */
  readonly values: number;
}

/** Returns how a value stands out; undefined if it does not. */
export function assess(value: Tallies, all: Tallies, kind: Kind, comparison: Comparison): Assessment | undefined {
  const { now } = value[kind];
  const total = all[kind].now;
  if (now < MIN_ROWS || before(all.rows) < MIN_BASELINE) return undefined;
  const prior = kind === "rows" ? 0.5 : PRIOR * (value.rows.now / Math.max(1, all.rows.now));
  const old = before(value[kind]) + prior + PRIOR_SHAPE;
  const expected = expectedRows(value, all, kind, comparison.duration);
  if (now < expected * MIN_GROWTH || expected >= total) return undefined;
  const excess = Math.min(now, (now - expected) / (1 - expected / total));
  const explained = excess / total;
  if (excess < MIN_ROWS || explained < MIN_EXPLAINED[kind]) return undefined;
  const purity = excess / now;
  const bound = Math.log(Math.max(1, comparison.values) / ALPHA);
  const found = evidence(now, old, expected);
  const { factor, burst } = comparison.dispersion;
  const isBeyondBursts =
    purity > 0.85 && excess > BURSTS * Math.max(MIN_ROWS, burst * Math.max(1, comparison.duration));
  if (found < bound || (found / factor < bound && !isBeyondBursts)) return undefined;
  return { excess, explained, purity, score: explained * purity };
}

function expectedRows(value: Tallies, all: Tallies, kind: Kind, duration: number): number {
  const [own, others] = [value[kind], all[kind]];
  const [old, allOld] = [before(own), before(others)];
  const byRate = old * duration;
  const growth = (count: number) => Math.max(1, count === 0 ? 0 : others.now / count);
  const byDay = all.rows.dayBefore < MIN_BASELINE ? 0 : own.dayBefore * growth(others.dayBefore);
  if (kind === "rows") return Math.max((others.now * (old + 0.5)) / (allOld + 1), byRate, byDay);
  const share = value.rows.now / Math.max(1, all.rows.now);
  const byShare = (others.now * (old + PRIOR * share)) / (allOld + PRIOR);
  const usual = Math.max(1, allOld) / Math.max(1, before(all.rows));
  const byProportion = (value.rows.now * (old + PRIOR * usual)) / (before(value.rows) + PRIOR);
  return Math.max(byShare, byRate, byProportion, byDay);
}

/** Half the G statistic of two Poisson numbers, whose second is expected to be `expected / old` times the first. */
function evidence(now: number, old: number, expected: number): number {
  const part = expected / (expected + old);
  const sum = now + old;
  return now * Math.log(now / (sum * part)) + old * Math.log(old / (sum * (1 - part)));
}
