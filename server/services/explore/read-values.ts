import type { ColumnarRow } from "@/server/columnar";
import { AppError } from "@/server/lib/errors";
import { aggregates, areCombined } from "./aggregates";
import { detailStatement } from "./detail-statement";
import { groupsStatement } from "./groups-statement";
import type { GroupKey } from "./keyed-rows";
import { inexactIn, type Question } from "./question";
import type { MatchingRows } from "./rows";

export type ValueRow = Readonly<Record<string, unknown>>;

/** What statements found for a question. Rows have the parts of measures (question.ts). */
export interface Values {
  readonly total: ValueRow;
  /** The number of groups. */
  readonly count: number;
  readonly listed: readonly { readonly key: GroupKey; readonly row: ValueRow }[];
  /** Of rows that belong to no listed group; null if there are none. */
  readonly others: ValueRow | null;
  /** By bucket `t` and place `k` in the list, which is null for the others. */
  readonly times: readonly ValueRow[];
}

export type Source = Pick<MatchingRows, "from" | "query" | "dialect">;

/** @throws AppError query.number_not_exact */
export async function readValues(question: Question, source: Source): Promise<Values> {
  return await readTimes(question, source, await readGroups(question, source));
}

/** Groups, without what detailStatement returns. */
export interface Groups extends Omit<Values, "times" | "others"> {
  /** Undefined if groupsStatement does not return them. */
  readonly others: ColumnarRow | undefined;
}

/** Whether detailStatement returns the totals too, so that rows are read once. */
function isOnlyTimes(question: Question): boolean {
  return question.groups.length === 0 && question.width !== null && areCombined(aggregates(question));
}

/** @throws AppError query.number_not_exact */
export async function readGroups(question: Question, { from, query }: Source): Promise<Groups> {
  if (isOnlyTimes(question)) return { total: {}, count: 0, listed: [], others: undefined };
  const found = await query(groupsStatement(question, from));
  const total = found.find((row) => Number(row.s) === 1) ?? {};
  requireExact(question, total);
  return {
    total,
    count: Number(total.group_count ?? 0),
    listed: found.flatMap((row) => {
      if (Number(row.s) !== 0) return [];
      return [{ key: question.groups.map((_, index) => readKey(row[`g${index}`])), row }];
    }),
    others: found.find((row) => Number(row.s) === 2),
  };
}

/** @throws AppError query.number_not_exact */
export async function readTimes(question: Question, { from, query }: Source, groups: Groups): Promise<Values> {
  const { count, listed } = groups;
  const listedRows = listed.reduce((sum, { row }) => sum + Number(row.n_both), 0);
  const hasOthers = question.groups.length > 0 && listedRows < Number(groups.total.n_both ?? 0);
  const isWhole = isOnlyTimes(question) || (hasOthers && groups.others === undefined);
  const keys = listed.map(({ key }) => key);
  const details =
    question.width || isWhole ? await query(detailStatement(question, from, keys, { isWhole, groupCount: count })) : [];
  const wholes = details.filter((row) => Number(row.is_whole) !== 0);
  const others = groups.others ?? wholes.find((row) => row.k === null) ?? {};
  const total = isOnlyTimes(question) ? (wholes[0] ?? {}) : groups.total;
  requireExact(question, total);
  const times = details.filter((row) => Number(row.is_whole) === 0);
  return { total, count, listed, others: hasOthers ? others : null, times };
}

function requireExact(question: Question, total: ValueRow): void {
  const inexact = question.measures[inexactIn(question, total)];
  if (inexact) throw new AppError("query.number_not_exact", { field: inexact.name });
}

function readKey(value: unknown): GroupKey[number] {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
