import { type Assessment, assess } from "./assess";
import type { Dispersion } from "./dispersion";
import { add, KINDS, type Kind, NO_TALLIES, type Tallies } from "./tally";

export interface ListedValue {
  readonly value: string | null;
  readonly tallies: Tallies;
}

/** The values of a field that may stand out. */
export interface FieldTally {
  readonly field: string;
  /** Fields that describe causes best are first where several describe the same rows. */
  readonly priority: number;
  /** Whether the field is a status, which errors have by definition. */
  readonly isStatus: boolean;
  /** The numbers of values with enough rows to stand out, also those that are not listed. */
  readonly valueCounts: Readonly<Record<Kind, number>>;
  readonly dispersion: Readonly<Record<Kind, Dispersion>>;
  readonly values: readonly ListedValue[];
}

export interface Candidate {
  readonly field: FieldTally;
  readonly listed: ListedValue;
  readonly kinds: readonly Kind[];
}

export interface Cause {
  readonly kind: Kind;
  readonly candidate: Candidate;
  readonly score: number;
  /** Other candidates for the same rows. */
  readonly also: readonly Candidate[];
}

/** The rows that exactly the candidates with a bit in `mask` have. */
export interface Overlap {
  readonly mask: bigint;
  readonly tallies: Tallies;
  /** Of errors and slow rows in the window, the visitors with most, and how many they have. */
  readonly visitors: Readonly<Record<Kind, ReadonlyMap<string, number>>>;
}

interface Totals {
  readonly all: Tallies;
  /** The length of the window divided by that of the baseline. */
  readonly duration: number;
}

const MAX_CANDIDATES = 12;
const MAX_CAUSES = 10;
/** Explanations that differ by less are equal. */
const TOLERANCE = 0.96;

/** Returns the values that stand out by themselves, at most 48. */
export function candidatesOf(fields: readonly FieldTally[], totals: Totals): Candidate[] {
  const found = new Map<ListedValue, { field: FieldTally; kinds: Kind[] }>();
  for (const kind of KINDS) {
    const values = countValues(fields, kind);
    const standing = fields.flatMap((field) =>
      field.isStatus && kind !== "rows"
        ? []
        : field.values.flatMap((value) => {
            const assessment = assessIn(value.tallies, field, kind, totals, values);
            return assessment ? [{ field, value, assessment }] : [];
          }),
    );
    const best = standing.sort((a, b) => b.assessment.score - a.assessment.score).slice(0, MAX_CANDIDATES);
    for (const { field, value } of best) {
      const known = found.get(value);
      if (known) known.kinds.push(kind);
      else found.set(value, { field, kinds: [kind] });
    }
  }
  return [...found].map(([listed, { field, kinds }]) => ({ field, listed, kinds }));
}

/**
 * Chooses the causes among candidates that overlap: the one that explains most rows with few others, then the same for
 * the rows without it, until nothing stands out.
 * @param overlaps all rows, also those of no candidate
 */
export function explain(
  candidates: readonly Candidate[],
  overlaps: readonly Overlap[],
  fields: readonly FieldTally[],
  duration: number,
): Cause[] {
  const causes = KINDS.flatMap((kind) => causesOf(kind, candidates, overlaps, countValues(fields, kind), duration));
  const failing = new Set(causes.map(({ kind }) => kind));
  return causes
    .filter(({ kind, candidate }) => kind !== "rows" || !isExplained(candidate, failing))
    .sort((a, b) => b.score - a.score)
    .slice(0, MAX_CAUSES);
}

function causesOf(
  kind: Kind,
  candidates: readonly Candidate[],
  overlaps: readonly Overlap[],
  values: number,
  duration: number,
): Cause[] {
  const causes: Cause[] = [];
  let rest = overlaps;
  let left = candidates.flatMap((candidate, index) => (candidate.kinds.includes(kind) ? [{ candidate, index }] : []));
  while (left.length > 0) {
    const all = sum(rest);
    const standing = left.flatMap(({ candidate, index }) => {
      const own = rest.filter(({ mask }) => hasBit(mask, index));
      const assessment = assessIn(sum(own), candidate.field, kind, { all, duration }, values, ofOneVisitor(own, kind));
      return assessment ? [{ candidate, index, assessment }] : [];
    });
    const chosen = bestOf(standing);
    if (!chosen) break;
    const remaining = rest.filter(({ mask }) => !hasBit(mask, chosen.index));
    const remainingAll = sum(remaining);
    const others = standing.filter(({ index }) => index !== chosen.index);
    const stillStanding = others.filter(({ candidate, index }) => {
      const own = remaining.filter(({ mask }) => hasBit(mask, index));
      const totals = { all: remainingAll, duration };
      return assessIn(sum(own), candidate.field, kind, totals, values, ofOneVisitor(own, kind));
    });
    causes.push({
      kind,
      candidate: chosen.candidate,
      score: chosen.assessment.score,
      also: others.filter((other) => !stillStanding.includes(other)).map(({ candidate }) => candidate),
    });
    rest = remaining;
    left = stillStanding;
  }
  return causes;
}

function bestOf<T extends { candidate: Candidate; assessment: Assessment }>(standing: readonly T[]): T | undefined {
  const top = Math.max(...standing.map(({ assessment }) => assessment.score));
  return standing
    .filter(({ assessment }) => assessment.score >= top * TOLERANCE)
    .sort(
      (a, b) => a.candidate.field.priority - b.candidate.field.priority || b.assessment.score - a.assessment.score,
    )[0];
}

/** Whether a status is that of errors for which a cause was found. */
function isExplained({ field, listed: { value } }: Candidate, found: ReadonlySet<Kind>): boolean {
  if (!field.isStatus) return false;
  return (value?.startsWith("5") && found.has("failed")) || (value?.startsWith("4") && found.has("refused")) || false;
}

function assessIn(
  value: Tallies,
  field: FieldTally,
  kind: Kind,
  { all, duration }: Totals,
  values: number,
  fromOne = 0,
): Assessment | undefined {
  // All requests of a visitor can fail.
  const visitor = { rows: fromOne, burst: field.dispersion.rows.burst };
  return assess(value, all, kind, { duration, dispersion: field.dispersion[kind], values, visitor });
}

/** The number of errors or slow rows of the visitor who has most of them. */
function ofOneVisitor(overlaps: readonly Overlap[], kind: Kind): number {
  const sums = new Map<string, number>();
  for (const { visitors } of overlaps)
    for (const [visitor, rows] of visitors[kind]) sums.set(visitor, (sums.get(visitor) ?? 0) + rows);
  return Math.max(0, ...sums.values());
}

function countValues(fields: readonly FieldTally[], kind: Kind): number {
  return fields.reduce((sum, { valueCounts }) => sum + valueCounts[kind], 0);
}

function hasBit(mask: bigint, index: number): boolean {
  return ((mask >> BigInt(index)) & 1n) === 1n;
}

function sum(overlaps: readonly Overlap[]): Tallies {
  return overlaps.reduce<Tallies>((total, { tallies }) => add(total, tallies), NO_TALLIES);
}
