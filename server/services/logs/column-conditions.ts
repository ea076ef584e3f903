import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { NOT } from "@/server/catalog/filter";
import { filterValueError, filterValueProblem, readPattern } from "@/server/catalog/filter-values";
import { statusClass, valueExpression } from "@/server/db/values-index";
import { columnarAddressCondition } from "./columnar/address-condition";
import { columnarPattern } from "./columnar/patterns";

/** A condition as SQL, with the part that indexes support. */
export interface Condition {
  readonly condition: SQL;
  /** The same condition in DuckDB's dialect, if it differs. */
  readonly columnar?: SQL;
  /** The condition on segment_blocks of those that may have such rows; undefined if each may have some. */
  readonly blocks?: SQL;
  /** A superset of the rows that an index can find; undefined if no index helps. */
  readonly found?: SQL;
  /** Whether `found` uses the index of all values. */
  readonly isOfValues?: boolean;
}

export type Comparison = ">" | ">=" | "<" | "<=";

/** Converts a parameter's value into a condition. @throws FilterProblem */
type ConditionReader = (value: string) => Condition;

/** A value that lists reject, with the reason. */
export class FilterProblem extends Error {
  constructor(readonly problem: ErrorValue) {
    super(problem.code);
  }
}

/** Builds, for each parameter of `table`, the conversion of its value into a condition. */
export function conditionReaders(table: BrowsedTable): Map<string, ConditionReader> {
  return new Map(
    table.columns.flatMap((column): [string, ConditionReader][] => {
      if (!column.filter) return [];
      if (column.filter === "range") {
        return [
          [`min_${column.name}`, (value) => compared(column, ">=", value)],
          [`max_${column.name}`, (value) => compared(column, "<=", value)],
        ];
      }
      const is: ConditionReader = (value) => {
        const { text, isPrefix } = column.filter === "prefix" ? readPattern(value) : { text: value, isPrefix: false };
        return isPrefix ? startsWith(column, text) : equalTo(column, text);
      };
      return [
        [column.name, is],
        [`${NOT}${column.name}`, (value) => not(is(value))],
      ];
    }),
  );
}

/** Rows for which a condition is false or null. */
export function not({ condition, columnar = condition }: Condition): Condition {
  return { condition: sql`(${condition}) is not true`, columnar: sql`(${columnar}) is not true` };
}

/** Rows with a value: an address also in a CIDR block, a status also in a class or list. @throws FilterProblem */
export function equalTo(column: Column, value: string): Condition {
  const problem = filterValueProblem(column, value);
  if (problem) throw new FilterProblem(filterValueError(problem, column));
  if (column.filter === "range") return equalNumber(column, Number(value));
  const name = sql.identifier(column.name);
  if (column.type === "inet") {
    return {
      ...withIndex(column, value, networkCondition(name, value)),
      columnar: columnarAddressCondition(column, value),
    };
  }
  if (column.filter === "status") return withIndex(column, value, statusCondition(name, value));
  return { ...withIndex(column, value, equalCondition(column, value)), columnar: sql`${name} = ${value}` };
}

/** Rows whose text starts with a prefix. */
export function startsWith(column: Column, prefix: string): Condition {
  const condition = prefixCondition(column, prefix);
  const columnar = prefix === "" ? condition : columnarPattern(sql`${sql.identifier(column.name)}`, [prefix, ""]);
  return { condition, columnar, ...(column.index === "order" ? { found: condition } : {}) };
}

/** Rows whose number is within a bound. @throws FilterProblem if `value` is not a number of the column */
export function compared(column: Column, operator: Comparison, value: string): Condition {
  const { min = 0, max = 2_147_483_647 } = column;
  if (!/^\d{1,10}$/.test(value) || Number(value) < min || Number(value) > max)
    throw new FilterProblem(errorValue("input.number", { min, max }));
  const number = Number(value);
  const found = foundSteps(column, number, (step, reached) =>
    operator === ">" || operator === ">=" ? step >= reached : step <= reached,
  );
  const condition = sql`${sql.identifier(column.name)} ${sql.raw(operator)} ${number}`;
  return { condition, found, isOfValues: found !== undefined };
}

function equalNumber(column: Column, number: number): Condition {
  const found = foundSteps(column, number, (step, reached) => step === reached);
  return { condition: sql`${sql.identifier(column.name)} = ${number}`, found, isOfValues: found !== undefined };
}

function withIndex(column: Column, value: string, condition: SQL): Condition {
  return { condition, found: foundValues(column, value, condition), isOfValues: column.index === "values" };
}

/** Rows with empty text. */
export function emptyTextCondition(column: Column): Condition {
  return {
    ...withIndex(column, "", equalCondition(column, "")),
    columnar: sql`${sql.identifier(column.name)} = ''`,
  };
}

/** Rows without a value. */
export function nullCondition(column: Column): Condition {
  const condition = sql`${sql.identifier(column.name)} is null`;
  if (column.index === "order") return { condition, found: condition };
  if (column.index !== "values") return { condition };
  // Of the array operators only `=` matches NULL elements, and can use the index.
  return { condition, found: sql`${valueExpression(column)} = ${nullElements(column)}`, isOfValues: true };
}

/** The form of a null value in valueExpression. */
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

/** The rows whose step overlaps a range. */
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
  // Columns are in byte order, in which U+10FFFF sorts after all other characters.
  return sql`(${indexed} >= ${from} and ${indexed} <= ${`${from}\u{10FFFF}`}${rest})`;
}

/** The indexed expression; the length is a literal, since a parameter would not match the index. */
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

/** The first and last address of a block: PostgreSQL cannot plan `<<=` by an index for an unknown block. */
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

/** @param value a validated list of statuses and classes */
function statusParts(value: string): StatusPart[] {
  return value.split(",").map((text) => {
    const part = text.trim();
    if (/^\d+$/.test(part)) return { from: Number(part), to: Number(part) };
    const hundreds = Number(part.charAt(0)) * 100;
    return { from: hundreds, to: hundreds + 99 };
  });
}
