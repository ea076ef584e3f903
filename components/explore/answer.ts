import type { ExploreAnswer, ExploreValue } from "./types";

/** A measure's value, and that of the previous period if it was compared. */
export interface Value {
  readonly now: number | string | null;
  readonly before: number | string | null | undefined;
}

/** A row of an answer. */
export interface AnswerRow {
  /** The start of the bucket; null without an interval. */
  readonly time: string | null;
  readonly groups: readonly ExploreValue[];
  readonly values: readonly Value[];
}

/** The rows of an answer. */
export function rowsOf(answer: ExploreAnswer): AnswerRow[] {
  const roles = answer.columns.map(({ role }) => role);
  const hasTime = roles[0] === "time";
  const first = roles.indexOf("measure");
  return answer.rows.map((row) => ({
    time: hasTime ? String(row[0]) : null,
    groups: row.slice(hasTime ? 1 : 0, first),
    values: valuesOf(answer, row.slice(first)),
  }));
}

/** The others of each bucket. */
export function othersByTime(answer: ExploreAnswer): AnswerRow[] {
  return (answer.others_by_time ?? []).map(([time, ...values]) => ({
    time: String(time),
    groups: [],
    values: valuesOf(answer, values),
  }));
}

/** Splits the measures of a row, each followed by its value before, if any. */
export function valuesOf(answer: ExploreAnswer, row: readonly ExploreValue[]): Value[] {
  const roles = answer.columns.map(({ role }) => role).filter((role) => role === "measure" || role === "before");
  return roles.flatMap((role, index) => {
    if (role !== "measure") return [];
    const hasBefore = roles[index + 1] === "before";
    return [{ now: measured(row[index]), before: hasBefore ? measured(row[index + 1]) : undefined }];
  });
}

function measured(value: ExploreValue | undefined): number | string | null {
  return typeof value === "boolean" || value === undefined ? null : value;
}

/** A value as a number for drawing; exact decimals may be text. Null if it is none. */
export function sizeOf(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined || value === "") return null;
  const size = Number(value);
  return Number.isFinite(size) ? size : null;
}

/** A key of a group that is equal for equal values only. */
export function groupKey(groups: readonly ExploreValue[]): string {
  return JSON.stringify(groups);
}

/** The change since the previous period as a share; null if there is none, as after nothing. */
export function changeOf({ now, before }: Value): number | null {
  const [one, other] = [sizeOf(now), sizeOf(before)];
  return one === null || other === null || other === 0 ? null : (one - other) / Math.abs(other);
}
