import type { MatchingRows } from "../rows";
import { dispersionOf, pooled } from "./dispersion";
import {
  type Candidate,
  type Cause,
  candidatesOf,
  explain,
  type FieldTally,
  type ListedValue,
  type Overlap,
} from "./explain";
import type { ComparedField } from "./fields";
import { ALL_ROWS, durationOf, rangesOf, type Sampling, samplingOf } from "./sampling";
import {
  type FieldValue,
  overlapOf,
  overlapStatement,
  type SlowAbove,
  type Source,
  sizeStatement,
  slowAboveOf,
  TOTAL,
  talliesOf,
  valuesStatement,
} from "./statements";
import { add, KINDS, mapKinds, NO_TALLIES, type Tallies } from "./tally";

export interface Changes {
  readonly causes: readonly { readonly cause: Cause; readonly tallies: Tallies }[];
  readonly totals: Tallies;
  readonly slowAbove: SlowAbove | null;
}

/** Of a combination of values, so that the visitor with most rows of a value is among them. */
const LISTED_VISITORS = 20;
/** The share of a large baseline from which its number of rows is estimated. */
const ESTIMATED_SHARE = 0.05;

/**
 * Finds the causes in three statements, or four to six over a part of the rows.
 * @param sampleRows of more rows in the window or in the baseline, a part is read, and rows of causes are then counted
 */
export async function compare(
  { query, expectedRows }: Pick<MatchingRows, "query" | "expectedRows">,
  rows: Pick<Source, "table" | "from" | "spans">,
  fields: readonly ComparedField[],
  sampleRows: number,
): Promise<Changes> {
  const { slowAbove, sampling } = await sizeOf(query, rows, expectedRows, sampleRows);
  const source: Source = { ...rows, slowAbove, sampling, kinds: new Set(KINDS) };
  const { all, tallies, written } = await tally(query, source, fields);
  const duration = durationOf(rows.spans, sampling);
  const candidates = candidatesOf(tallies, { all, duration });
  const overlapsOf = async (from: Source, some: readonly Candidate[], visitors: number): Promise<Overlap[]> => {
    const values = some.flatMap(({ listed }) => written.get(listed) ?? []);
    return (await query(overlapStatement(from, values, visitors))).map(overlapOf);
  };
  const overlaps = candidates.length === 0 ? [] : await overlapsOf(source, candidates, LISTED_VISITORS);
  const causes = explain(candidates, overlaps, tallies, duration);
  const isComplete = sampling.every === 1 && sampling.ranges === null;
  if (isComplete)
    return {
      slowAbove,
      totals: all,
      causes: causes.map((cause) => ({ cause, tallies: cause.candidate.listed.tallies })),
    };
  const spans = { ...rows.spans, dayBefore: null };
  const kinds = new Set(causes.map(({ kind }) => kind));
  const exact = await overlapsOf(
    { ...source, spans, sampling: ALL_ROWS, kinds },
    causes.map(({ candidate }) => candidate),
    0,
  );
  const sum = (some: readonly Overlap[]) => some.reduce((total, one) => add(total, one.tallies), NO_TALLIES);
  return {
    slowAbove,
    totals: sum(exact),
    causes: causes.map((cause, index) => ({
      cause,
      tallies: sum(exact.filter(({ mask }) => ((mask >> BigInt(index)) & 1n) === 1n)),
    })),
  };
}

/** Chooses the rows that are read, and the response time above which they are slow. */
async function sizeOf(
  query: MatchingRows["query"],
  rows: Pick<Source, "table" | "from" | "spans">,
  expectedRows: number,
  sampleRows: number,
): Promise<{ readonly slowAbove: SlowAbove | null; readonly sampling: Sampling }> {
  const measured = async (ranges: Sampling["ranges"], share: number) => {
    const [row] = await query(sizeStatement({ ...rows, sampling: { every: 1, ranges } }));
    const slowAbove = slowAboveOf(row);
    const found = { now: Number(row?.now ?? 0), before: Number(row?.before ?? 0) / share };
    return { slowAbove, sampling: samplingOf(found, sampleRows, rows.spans) };
  };
  if (expectedRows > 4 * sampleRows) {
    const estimated = await measured(rangesOf(rows.spans.baseline, ESTIMATED_SHARE), ESTIMATED_SHARE);
    if (estimated.sampling.ranges !== null) return estimated;
  }
  return await measured(null, 1);
}

interface Counted {
  readonly all: Tallies;
  readonly tallies: readonly FieldTally[];
  /** How the engine writes each listed value. */
  readonly written: ReadonlyMap<ListedValue, FieldValue>;
}

async function tally(query: MatchingRows["query"], source: Source, fields: readonly ComparedField[]): Promise<Counted> {
  const rows = await query(valuesStatement(source, fields));
  const total = rows.find(({ field }) => field === TOTAL);
  const all = total ? talliesOf(total) : NO_TALLIES;
  const written = new Map<ListedValue, FieldValue>();
  const tallies = fields.map((field, index): FieldTally => {
    const own = rows.filter((row) => row.field === index);
    const values = own.map((row) => {
      const value = row.key === null || row.key === undefined ? null : String(row.key);
      const listed = { value: value === null ? null : field.show(value), tallies: talliesOf(row) };
      written.set(listed, { field, value });
      return listed;
    });
    const valueCounts = mapKinds((kind) => Number(own[0]?.[`${kind}_count`] ?? 0));
    return { ...field, values, valueCounts, dispersion: dispersionOf(values, all) };
  });
  return { all, tallies: pooled(tallies), written };
}
