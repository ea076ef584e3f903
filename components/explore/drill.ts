import { logTables } from "@/server/catalog";
import { writeField } from "@/server/catalog/filter";
import { type Chip, isExpression, isNegative, parameterOf, sentValue, withFilter } from "../filter-bar/filters";
import type { Bounds } from "../time-range/bounds";
import { filterOf, HOUR_OF_DAY, WEEKDAY } from "./fields";
import { type ExploreQuestion, normalized } from "./state";
import type { ExploreAnswer, ExploreValue } from "./types";
import { bucketEnd, exactRange, hoursOf } from "./windows";

/** A bar, point or cell of an answer: what its menu is about. */
export interface Place {
  /** The values of the groups; null for the rows of all groups, or of all but `except`. */
  readonly groups: readonly ExploreValue[] | null;
  /** The groups that the others are without. */
  readonly except?: readonly (readonly ExploreValue[])[];
  /** The start of its bucket; null for the whole range. */
  readonly time: string | null;
  /** The exclusive end of several buckets, in milliseconds since 1970. */
  readonly until?: number;
}

/** More groups are too many terms for one expression. */
const MAX_EXCEPT = 15;
const MAX_EXPRESSION = 1_500;

type Range = Pick<ExploreAnswer, "start" | "end" | "interval">;

/** The filters of the rows at a place; undefined if its groups are no fields of filters. */
export function chipsOf(question: ExploreQuestion, place: Place): Chip[] | undefined {
  if (place.groups !== null) return groupChips(question, place.groups);
  const listed = listedExpression(question, place.except ?? []);
  return listed === undefined ? undefined : [{ expression: `-${listed}` }];
}

function groupChips({ table, groups }: ExploreQuestion, values: readonly ExploreValue[]): Chip[] | undefined {
  const fields = groups.flatMap((group, index) => (isTimeGroup(group) ? [] : [{ group, index }]));
  const chips = fields.flatMap(({ group, index }) => filterOf(table, group, values[index] ?? null) ?? []);
  return chips.length === fields.length && chips.length > 0 ? chips : undefined;
}

/** An expression for the rows of any of the groups; undefined if there is none, or it is too long. */
function listedExpression(question: ExploreQuestion, listed: readonly (readonly ExploreValue[])[]): string | undefined {
  if (listed.length === 0 || listed.length > MAX_EXCEPT || question.groups.some(isTimeGroup)) return undefined;
  const terms = listed.flatMap((values) => {
    const chips = groupChips(question, values)?.map(expressionOf);
    return chips ? [chips.length > 1 ? `(${chips.join(" ")})` : chips.join("")] : [];
  });
  const text = `(${terms.join(" or ")})`;
  return terms.length === listed.length && text.length <= MAX_EXPRESSION ? text : undefined;
}

/** Whether the rows at a place can be opened: there are filters for exactly these rows, or none are needed. */
export function hasRows(question: ExploreQuestion, place: Place): boolean {
  if (chipsOf(question, place) !== undefined) return true;
  if (place.groups === null) return place.except === undefined;
  return question.groups.every(isTimeGroup);
}

/** The question for the rows at a place only. */
export function filteredFor(question: ExploreQuestion, chips: readonly Chip[]): ExploreQuestion {
  return { ...question, filters: withChips(question.filters, chips) };
}

/** The question without the rows at a place. */
export function filteredOut(question: ExploreQuestion, place: Place): ExploreQuestion | undefined {
  if (place.groups === null) {
    const listed = listedExpression(question, place.except ?? []);
    return listed === undefined
      ? undefined
      : { ...question, filters: withChips(question.filters, [{ expression: listed }]) };
  }
  const chips = chipsOf(question, place);
  if (!chips) return undefined;
  const [index = 0, ...others] = question.groups.flatMap((group, at) => (isTimeGroup(group) ? [] : [at]));
  const group = question.groups[index];
  if (group === undefined) return undefined;
  if (others.length === 0) {
    const out = filterOf(question.table, group, place.groups[index] ?? null, true);
    return out && { ...question, filters: withChips(question.filters, [out]) };
  }
  const text = chips.map(expressionOf).join(" ");
  return { ...question, filters: withChips(question.filters, [{ expression: `-(${text})` }]) };
}

/**
 * The question for the rows at a place, grouped by another field.
 * @param range of the place
 */
export function groupedFurther(
  question: ExploreQuestion,
  chips: readonly Chip[],
  field: string,
  range = question.range,
): ExploreQuestion {
  return normalized({ ...filteredFor(question, chips), groups: [field], interval: null, range });
}

/** The time windows of a place within the answer's range, newest first; null for the whole range. */
export function windowsOf(question: ExploreQuestion, place: Place, answer: Range, timeZone: string): Bounds[] | null {
  if (place.time !== null && answer.interval)
    return [{ from: Date.parse(place.time), to: place.until ?? bucketEnd(place.time, answer.interval, timeZone) }];
  const values = place.groups ?? [];
  const numberOf = (name: string) => {
    const index = question.groups.indexOf(name);
    return index < 0 || values[index] === null || values[index] === undefined ? undefined : Number(values[index]);
  };
  const [weekday, hour] = [numberOf(WEEKDAY), numberOf(HOUR_OF_DAY)];
  if (weekday === undefined && hour === undefined) return null;
  return hoursOf(answer, { weekday, hour }, timeZone);
}

/** The URL of the log page with exactly the rows at a place. */
export function rowsHref(
  question: ExploreQuestion,
  chips: readonly Chip[],
  answer: Range,
  window: Bounds | null,
  timeZone: string,
): string {
  const range = exactRange(answer, window, timeZone);
  const params = new URLSearchParams({ ...withChips(question.filters, chips), ...range });
  if (question.archived) params.set("archived", "1");
  return `/logs/${logTables[question.table].path}?${params}`;
}

/**
 * Adds filters that must all be true. A column's own parameter has one value, and several statuses in it are
 * alternatives: a second filter on the column becomes an expression.
 */
function withChips(filters: ExploreQuestion["filters"], chips: readonly Chip[]): Record<string, string> {
  return chips.reduce<Record<string, string>>(
    (sum, chip) => {
      const isTaken = !isExpression(chip) && parameterOf(chip) in sum && sum[parameterOf(chip)] !== sentValue(chip);
      return withFilter(sum, isTaken ? { expression: expressionOf(chip) } : chip);
    },
    { ...filters },
  );
}

function expressionOf(chip: Chip): string {
  if (isExpression(chip)) return chip.expression;
  const { column, operator, value } = chip;
  const test =
    operator === "isEmpty"
      ? ({ op: "null" } as const)
      : operator === "isEmptyText"
        ? ({ op: "empty" } as const)
        : ({ op: "match", pattern: [value] } as const);
  return `${isNegative(operator) ? "-" : ""}${writeField({ field: column.name, path: [], test })}`;
}

function isTimeGroup(group: string): boolean {
  return group === WEEKDAY || group === HOUR_OF_DAY;
}
