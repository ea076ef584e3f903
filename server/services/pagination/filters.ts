import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import { filterProblemValues, filterValueProblem } from "@/server/catalog/filter-values";
import { inputProblemText } from "@/server/catalog/input-problem";
import { statusClass, valueExpression } from "@/server/db/values-index";
import { AppError, type FieldProblem } from "@/server/errors";
import { type Instant, parseInstant, parseRangeEnd } from "@/server/time";

/** The names of the parameters that narrow a list of `table`, as the contract writes them, and their opposites. */
export function filterNames(table: BrowsedTable): string[] {
  return table.columns.flatMap((column) => {
    if (!column.filter) return [];
    return column.filter === "range"
      ? [`min_${column.name}`, `max_${column.name}`]
      : [column.name, `${NOT}${column.name}`];
  });
}

/** Before a column's name: rows where it is different, or null. */
const NOT = "not_";

export interface LogFilters {
  readonly filters?: Readonly<Record<string, string>>;
  /** Inclusive; ISO 8601, without an offset in `timeZone`. */
  readonly start_date?: string;
  /** Inclusive to its own precision. */
  readonly end_date?: string;
}

/** What narrows a list, as SQL, each value a parameter. */
export interface ReadFilters {
  /** On created_at alone: `from` and `before`. */
  readonly range: readonly SQL[];
  readonly from?: Instant;
  readonly before?: Instant;
  readonly columns: readonly SQL[];
  /**
   * What the indexes can find of `columns`, the same rows or more; undefined where none helps. Apart, since both
   * together would make PostgreSQL expect far too few rows.
   */
  readonly indexed?: readonly SQL[];
  /** Whether some of `indexed` is in the index that knows the time of a row. */
  readonly hasValues?: boolean;
}

/**
 * The conditions of a list as SQL.
 * @throws AppError UNPROCESSABLE that names every unknown filter and value out of range, and an end before the start
 */
export function filterConditions(table: BrowsedTable, query: LogFilters, timeZone: string): SQL[] {
  const { range, columns } = readFilters(table, query, timeZone);
  return [...range, ...columns];
}

/** As filterConditions, with what the indexes can find told apart. */
export function readFilters(table: BrowsedTable, query: LogFilters, timeZone: string): ReadFilters {
  const range: SQL[] = [];
  const columns: SQL[] = [];
  const indexed: SQL[] = [];
  let hasValues = false;
  const problems: FieldProblem[] = [];
  const take = (path: string, make: () => void) => {
    try {
      make();
    } catch (error) {
      if (!(error instanceof FilterProblem)) throw error;
      problems.push({ path, message: error.message });
    }
  };
  const { start_date, end_date } = query;
  let from: Instant | undefined;
  let before: Instant | undefined;
  if (start_date !== undefined) {
    take("start_date", () => {
      from = orProblem(parseInstant(start_date, timeZone));
      range.push(sql`created_at >= ${from}::timestamptz`);
    });
  }
  if (end_date !== undefined) {
    take("end_date", () => {
      before = orProblem(parseRangeEnd(end_date, timeZone));
      range.push(sql`created_at < ${before}::timestamptz`);
    });
  }
  if (from !== undefined && before !== undefined && from >= before)
    problems.push({ path: "end_date", message: inputProblemText("before_start") });
  const readers = conditionReaders(table);
  for (const [path, value] of Object.entries(query.filters ?? {})) {
    const reader = readers.get(path);
    if (!reader) problems.push({ path, message: inputProblemText("unknown_filter") });
    else {
      take(path, () => {
        const { condition, found, isOfValues } = reader(value);
        columns.push(condition);
        if (found) indexed.push(found);
        if (isOfValues) hasValues = true;
      });
    }
  }
  if (problems.length > 0) {
    const first = problems[0];
    throw new AppError("UNPROCESSABLE", `${first?.path}: ${first?.message}.`, { errors: problems });
  }
  return { range, from, before, columns, indexed: indexed.length > 0 ? indexed : undefined, hasValues };
}

/** `found` is what the index of the column can tell of `condition`, `isOfValues` whether that is the index of all values. */
type ConditionReader = (value: string) => {
  readonly condition: SQL;
  readonly found?: SQL;
  readonly isOfValues?: boolean;
};

function conditionReaders(table: BrowsedTable): Map<string, ConditionReader> {
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
        [
          column.name,
          (value) => {
            const condition = is(value);
            const found = foundValues(column, value, condition);
            return { condition, found, isOfValues: column.index === "values" };
          },
        ],
        [`${NOT}${column.name}`, (value) => ({ condition: sql`(${is(value)}) is not true` })],
      ];
    }),
  );
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

class FilterProblem extends Error {}

function orProblem(instant: Instant | undefined): Instant {
  if (instant === undefined) throw new FilterProblem(inputProblemText("not_time"));
  return instant;
}

function condition(column: Column, value: string): SQL {
  check(column, value);
  const name = sql.identifier(column.name);
  switch (column.filter) {
    case "network":
      return networkCondition(name, value);
    case "status":
      return statusCondition(name, value);
    case "prefix":
      return value.endsWith("*") ? prefixCondition(column, value.slice(0, -1)) : equalCondition(column, value);
    default:
      return equalCondition(column, value);
  }
}

/** @throws FilterProblem that says in words what lists refuse about `value` */
function check(column: Column, value: string): void {
  const problem = filterValueProblem(column, value);
  if (problem) throw new FilterProblem(inputProblemText(problem, filterProblemValues(problem, column)));
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
