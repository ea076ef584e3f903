import { sql } from "drizzle-orm";
import { areCountable, type Cells, distinctStatement, MAX_CELLS } from "./distinct-statement";
import type { MeasureExpression } from "./measures";
import { inputIndex, inputName, partName, type Question } from "./question";
import { type Groups, readGroups, readTimes, type Source, type ValueRow, type Values } from "./read-values";

/**
 * Reads a question with distinct values: all other measures first, then those of each field in a statement that reads
 * its values once for groups, buckets, others and totals.
 * @returns undefined if the question has none, or too many groups or buckets for such a statement
 */
export async function readDistinctValues(question: Question, source: Source): Promise<Values | undefined> {
  const { groups, measures, order, width } = question;
  const inputs = measures.flatMap((measure, index) =>
    isDistinct(measure) && inputIndex(question, index) === index ? [index] : [],
  );
  if (inputs.length === 0 || (groups.length === 0 && !width)) return undefined;
  const rest = { ...question, measures: measures.map((measure) => (isDistinct(measure) ? omitted(measure) : measure)) };
  const isRanked = groups.length > 0 && isDistinct(measures[order.measure]);
  const first = isRanked ? inputIndex(question, order.measure) : undefined;

  const count = async (input: number, cells: Cells): Promise<Counts> => {
    const [row] = await source.query(distinctStatement(question, source.from, inputName(input), cells));
    return countsOf(question, input, row ?? {});
  };
  let found = await readGroups(isRanked ? { ...rest, limit: MAX_CELLS } : rest, source);
  let ranked: Counts | undefined;
  if (first !== undefined) {
    const cells: Cells = { keys: keysOf(found), buckets: null, ranked: { order, limit: question.limit } };
    if (found.count > found.listed.length || !areCountable(question, cells)) return undefined;
    ranked = await count(first, cells);
    found = listBest(question, found, ranked);
  }
  let values = await readTimes(rest, source, found);
  const buckets = width ? [...new Set(values.times.map((row) => Number(row.t)))].sort((a, b) => a - b) : null;
  const cells: Cells = { keys: keysOf(found), buckets, ranked: null };
  // No rows match.
  if (buckets?.length === 0) return values;
  if (!areCountable(question, cells)) return undefined;
  for (const input of inputs) {
    const known = input === first && !width ? ranked : undefined;
    values = withCounts(values, known ?? (await count(input, cells)), cells);
  }
  return values;
}

function isDistinct(measure: MeasureExpression | undefined): boolean {
  return measure?.kind === "text";
}

/** A measure without parts, whose groups are in the order of their names. */
function omitted(measure: MeasureExpression): MeasureExpression {
  const { name, type, finish } = measure;
  return { name, type, finish, kind: "none", columns: [], parts: () => [], rank: () => sql`n * 0`, combined: "sum" };
}

const keysOf = ({ listed }: Pick<Groups, "listed">) => listed.map(({ key }) => key);

/** Parts of the measures of one field: of each cell, of all rows, and of those of no listed group. */
interface Counts {
  readonly cells: readonly ValueRow[];
  readonly total: ValueRow;
  readonly rest: ValueRow;
  /** By what cells are ranked. */
  readonly ranks: readonly (number | null)[];
}

function countsOf(question: Question, input: number, row: ValueRow): Counts {
  const indexes = question.measures.flatMap((_, index) => (inputIndex(question, index) === input ? [index] : []));
  const parts = (now: unknown, old: unknown): ValueRow =>
    Object.fromEntries(
      indexes.flatMap((index) => [
        [partName(index, 0, false), now],
        ...(question.before ? [[partName(index, 0, true), old]] : []),
      ]),
    );
  const listOf = (name: string) => (Array.isArray(row[name]) ? (row[name] as unknown[]) : []);
  const old = listOf("b");
  return {
    cells: listOf("m").map((now, cell) => parts(now, old[cell])),
    total: parts(row.m_total, row.b_total),
    rest: parts(row.m_rest, row.b_rest),
    ranks: listOf("m").map((now, cell) =>
      question.order.by === "change" ? changeOf(Number(now), Number(old[cell])) : Number(now),
    ),
  };
}

/** The first groups by their values or, if these are equal, by their names. */
function listBest({ measures, order, limit }: Question, groups: Groups, { ranks, cells }: Counts): Groups {
  const sign = order.direction === "asc" ? 1 : -1;
  const listed = groups.listed
    .map(({ key, row }, cell) => ({ key, row: { ...row, ...cells[cell] }, rank: ranks[cell] ?? null }))
    .sort((a, b) => byRank(a.rank, b.rank, sign))
    .slice(0, limit);
  const isSame = listed.length === groups.listed.length;
  // Other measures of the rest are then read, if there are any.
  return { ...groups, listed, others: isSame ? groups.others : measures.every(isDistinct) ? {} : undefined };
}

function changeOf(now: number, before: number): number | null {
  return before === 0 ? null : (now - before) / before;
}

/** Groups without a rank are last in both directions. */
function byRank(one: number | null, other: number | null, sign: 1 | -1): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return sign * (one - other);
}

function withCounts(values: Values, { cells, total, rest }: Counts, { keys, buckets }: Cells): Values {
  const listed = buckets
    ? values.listed
    : values.listed.map(({ key, row }, cell) => ({ key, row: { ...cells[cell], ...row } }));
  return {
    ...values,
    listed,
    total: { ...values.total, ...total },
    others: values.others && { ...values.others, ...rest },
    times: values.times.map((row) => {
      const group = row.k === null ? keys.length : Number(row.k);
      return { ...row, ...cells[group * (buckets?.length ?? 1) + (buckets?.indexOf(Number(row.t)) ?? 0)] };
    }),
  };
}
