import { sql } from "drizzle-orm";
import { AppError } from "@/server/lib/errors";
import { areCountable, type Cells, distinctStatement, MAX_CELLS } from "./distinct-statement";
import type { MeasureExpression } from "./measures";
import { inputIndex, inputName, partName, type Question } from "./question";
import { type Groups, readGroups, readTimes, type Source, type ValueRow, type Values } from "./read-values";

/** If not all values fit into memory at once, they are counted in so many parts. */
const PARTS = 4;

/**
 * Reads a question with distinct values: all other measures first, then those of each field in a statement that reads
 * its values once for groups, buckets, others and totals.
 * @returns undefined if the question has none, or too many groups or buckets for such a statement; for ClickHouse, which
 * counts distinct values of all cells as fast
 */
export async function readDistinctValues(question: Question, source: Source): Promise<Values | undefined> {
  const { groups, measures, order, width } = question;
  const inputs = measures.flatMap((measure, index) =>
    isDistinct(measure) && inputIndex(question, index) === index ? [index] : [],
  );
  if (source.dialect === "clickhouse" || inputs.length === 0 || (groups.length === 0 && !width)) return undefined;
  const rest = { ...question, measures: measures.map((measure) => (isDistinct(measure) ? omitted(measure) : measure)) };
  const isRanked = groups.length > 0 && isDistinct(measures[order.measure]);
  const first = isRanked ? inputIndex(question, order.measure) : undefined;

  let isDivided = false;
  const read = async (input: number, cells: Cells, of: number): Promise<Counts> => {
    const rows: ValueRow[] = [];
    for (let index = 0; index < of; index++)
      rows.push(
        ...(await source.query(distinctStatement(question, source.from, inputName(input), cells, { index, of }))),
      );
    return countsOf(question, input, rows);
  };
  const count = async (input: number, cells: Cells): Promise<Counts> => {
    if (isDivided) return await read(input, cells, PARTS);
    return await read(input, cells, 1).catch(async (error: unknown) => {
      if (!(error instanceof AppError && error.code === "columnar.out_of_memory")) throw error;
      isDivided = true;
      return await read(input, cells, PARTS);
    });
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
    // Parts do not know which groups are listed when they rank them.
    const known = input === first && !width && !isDivided ? ranked : undefined;
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
  /** By what cells are ranked: the second value if the first is equal. */
  readonly ranks: readonly (readonly (number | null)[])[];
}

/** @param rows of parts whose numbers are added */
function countsOf(question: Question, input: number, rows: readonly ValueRow[]): Counts {
  const indexes = question.measures.flatMap((_, index) => (inputIndex(question, index) === input ? [index] : []));
  const parts = (now: unknown, old: unknown): ValueRow =>
    Object.fromEntries(
      indexes.flatMap((index) => [
        [partName(index, 0, false), now],
        ...(question.before ? [[partName(index, 0, true), old]] : []),
      ]),
    );
  const sumOf = (name: string) => rows.reduce((sum, row) => sum + Number(row[name] ?? 0), 0);
  const listOf = (name: string) => {
    const lists = rows.map((row) => (Array.isArray(row[name]) ? row[name].map(Number) : []));
    return (lists[0] ?? []).map((_, cell) => lists.reduce((sum, list) => sum + (list[cell] ?? 0), 0));
  };
  const old = listOf("b");
  return {
    cells: listOf("m").map((now, cell) => parts(now, old[cell])),
    total: parts(sumOf("m_total"), sumOf("b_total")),
    rest: parts(sumOf("m_rest"), sumOf("b_rest")),
    ranks: listOf("m").map((now, cell) =>
      question.order.by === "change" ? [changeOf(now, old[cell] ?? 0), now] : [now],
    ),
  };
}

/** The first groups by their values or, if these are equal, by their names. */
function listBest({ measures, order, limit }: Question, groups: Groups, { ranks, cells }: Counts): Groups {
  const sign = order.direction === "asc" ? 1 : -1;
  const listed = groups.listed
    .map(({ key, row }, cell) => ({ key, row: { ...row, ...cells[cell] }, own: ranks[cell] ?? [] }))
    .sort((a, b) => byRanks(a.own, b.own, sign))
    .slice(0, limit);
  const isSame = listed.length === groups.listed.length;
  // Other measures of the rest are then read, if there are any.
  return { ...groups, listed, others: isSame ? groups.others : measures.every(isDistinct) ? {} : undefined };
}

function changeOf(now: number, before: number): number | null {
  return before === 0 ? null : (now - before) / before;
}

/** Groups without a rank are last in both directions. */
function byRanks(one: readonly (number | null)[], other: readonly (number | null)[], sign: 1 | -1): number {
  for (const [index, a = null] of one.entries()) {
    const b = other[index] ?? null;
    if (a === b) continue;
    return a === null || b === null ? Number(a === null) - Number(b === null) : sign * (a - b);
  }
  return 0;
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
