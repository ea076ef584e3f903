import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { NOT } from "@/server/catalog/filter";
import { filterValueError, filterValueProblem, readPattern } from "@/server/catalog/filter-values";
import { statusClass, valueExpression } from "@/server/db/values-index";

/** A condition as SQL, and what the indexes can find of it. */
export interface Condition {
  readonly condition: SQL;
  /** The same rows or more; undefined where no index helps. */
  readonly found?: SQL;
  /** Whether `found` is in the index of all values. */
  readonly isOfValues?: boolean;
}

/** Reads a parameter's value. @throws FilterProblem */
type ConditionReader = (value: string) => Condition;

/** A value that lists refuse, and why. */
export class FilterProblem extends Error {
  constructor(readonly problem: ErrorValue) {
    super(problem.code);
  }
}

/** How the value of each parameter of `table` becomes a condition. */
export function conditionReaders(table: BrowsedTable): Map<string, ConditionReader> {
  return new Map(
    table.columns.flatMap((column): [string, ConditionReader][] => {
      if (!column.filter) return [];
      const name = sql.identifier(column.name);
      if (column.filter === "range") {
        const bound = (operator: SQL, isReached: (step: number, reached: number) => boolean): ConditionReader => {
          return (value) => {
            const number = wholeNumber(value, column);
            const found = foundSteps(column, number, isReached);
            return { condition: sql`${name} ${operator} ${number}`, found, isOfValues: found !== undefined };
          };
        };
        return [
          [`min_${column.name}`, bound(sql.raw(">="), (step, reached) => step >= reached)],
          [`max_${column.name}`, bound(sql.raw("<="), (step, reached) => step <= reached)],
        ];
      }
      const is = (value: string) => condition(column, value);
      return [
        [column.name, (value) => withIndex(column, value, is(value))],
        [`${NOT}${column.name}`, (value) => ({ condition: sql`(${is(value)}) is not true` })],
      ];
    }),
  );
}

function withIndex(column: Column, value: string, condition: SQL): Condition {
  return { condition, found: foundValues(column, value, condition), isOfValues: column.index === "values" };
}

/** Rows whose text has no characters. */
export function emptyTextCondition(column: Column): Condition {
  return withIndex(column, "", equalCondition(column, ""));
}

/** Rows without a value. */
export function nullCondition(column: Column): Condition {
  const condition = sql`${sql.identifier(column.name)} is null`;
  if (column.index === "order") return { condition, found: condition };
  if (column.index !== "values") return { condition };
  // Of the operators of arrays only `=` takes NULL for an element like others, and finds it in the index.
  return { condition, found: sql`${valueExpression(column)} = ${nullElements(column)}`, isOfValues: true };
}

/** A row without a value as valueExpression has it. */
function nullElements(column: Column): SQL {
  if (column.filter === "status") return sql`array[null, null]::int[]`;
  return column.type === "integer" ? sql`array[null]::int[]` : sql`array[null]::text[]`;
}

function foundValues(column: Column, value: string, condition: SQL): SQL | undefined {
  if (column.index === "order") return isBlock(column, value) ? withinBlock(column, value) : condition;
  if (column.index !== "values") return undefined;
  if (column.filter === "status")
    return foundNumbers(
      column,
      statusParts(value).map(({ from, to }) => (from === to ? from : statusClass(from))),
    );
  return sql`${valueExpression(column)} @> array[${cut(value, column.indexedCharacters ?? value.length)}]::text[]`;
}

/** The rows whose step is one of those that a range reaches. */
function foundSteps(column: Column, bound: number, isReached: (step: number, reached: number) => boolean) {
  const { indexedSteps } = column;
  if (column.index !== "values" || !indexedSteps) return undefined;
  const reached = indexedSteps.filter((step) => step <= bound).length;
  const steps = Array.from({ length: indexedSteps.length + 1 }, (_, step) => step);
  return foundNumbers(
    column,
    steps.filter((step) => isReached(step, reached)),
  );
}

function foundNumbers(column: Column, numbers: readonly number[]): SQL {
  return sql`${valueExpression(column)} && ${`{${numbers.join(",")}}`}::int[]`;
}

type Identifier = ReturnType<typeof sql.identifier>;

function condition(column: Column, value: string): SQL {
  check(column, value);
  const name = sql.identifier(column.name);
  switch (column.filter) {
    case "network":
      return networkCondition(name, value);
    case "status":
      return statusCondition(name, value);
    case "prefix":
      return patternCondition(column, value);
    default:
      return equalCondition(column, value);
  }
}

function patternCondition(column: Column, value: string): SQL {
  const { text, isPrefix } = readPattern(value);
  return isPrefix ? prefixCondition(column, text) : equalCondition(column, text);
}

/** @throws FilterProblem that says in words what lists refuse about `value` */
function check(column: Column, value: string): void {
  const problem = filterValueProblem(column, value);
  if (problem) throw new FilterProblem(filterValueError(problem, column));
}

function equalCondition({ name, indexedCharacters }: Column, value: string): SQL {
  const column = sql.identifier(name);
  if (indexedCharacters === undefined) return sql`${column} = ${value}`;
  return sql`(${beginning(column, indexedCharacters)} = ${cut(value, indexedCharacters)} and ${column} = ${value})`;
}

function prefixCondition({ name, indexedCharacters }: Column, prefix: string): SQL {
  if (prefix === "") return sql`true`;
  const column = sql.identifier(name);
  if (indexedCharacters === undefined) return sql`starts_with(${column}, ${prefix})`;
  const indexed = beginning(column, indexedCharacters);
  const from = cut(prefix, indexedCharacters);
  const rest = from === prefix ? sql`` : sql` and starts_with(${column}, ${prefix})`;
  // Columns are in byte order, where U+10FFFF is behind every other character.
  return sql`(${indexed} >= ${from} and ${indexed} <= ${`${from}\u{10FFFF}`}${rest})`;
}

/** The indexed expression; the length stands in the text, since a parameter would not match the index. */
function beginning(column: Identifier, characters: number): SQL {
  return sql`left(${column}, ${sql.raw(String(characters))})`;
}

function cut(text: string, characters: number): string {
  return [...text].slice(0, characters).join("");
}

function networkCondition(name: Identifier, value: string): SQL {
  return value.includes("/") ? sql`${name} <<= network(${value}::inet)` : sql`${name} = ${value}::inet`;
}

function isBlock({ filter }: Column, value: string): boolean {
  return filter === "network" && value.includes("/");
}

/** The first to the last address of a block: without knowing the block, PostgreSQL cannot plan `<<=` by an index. */
function withinBlock({ name }: Column, block: string): SQL {
  const address = sql`${block}::inet`;
  const last = sql`set_masklen(broadcast(${address}), case family(${address}) when 4 then 32 else 128 end)`;
  return sql`${sql.identifier(name)} between network(${address})::inet and ${last}`;
}

function statusCondition(name: Identifier, value: string): SQL {
  const alternatives = statusParts(value).map(({ from, to }) =>
    from === to ? sql`${name} = ${from}` : sql`${name} between ${from} and ${to}`,
  );
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

interface StatusPart {
  readonly from: number;
  readonly to: number;
}

/** @param value a list of statuses and classes that was checked */
function statusParts(value: string): StatusPart[] {
  return value.split(",").map((text) => {
    const part = text.trim();
    if (/^\d+$/.test(part)) return { from: Number(part), to: Number(part) };
    const hundreds = Number(part.charAt(0)) * 100;
    return { from: hundreds, to: hundreds + 99 };
  });
}

function wholeNumber(value: string, column: Column): number {
  check(column, value);
  return Number(value);
}
