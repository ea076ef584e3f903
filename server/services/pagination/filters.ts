import { isIP } from "node:net";
import { type SQL, sql } from "drizzle-orm";
import type { Column, LogTable } from "@/server/catalog";
import { AppError, type FieldProblem } from "@/server/errors";
import { parseInstant, parseRangeEnd } from "@/server/time";

const LONGEST_VALUE = 2_000;

/** The names of the parameters that narrow a list of `table`, as the contract writes them. */
export function filterNames(table: LogTable): string[] {
  return table.columns.flatMap((column) => {
    if (!column.filter) return [];
    return column.filter === "range" ? [`min_${column.name}`, `max_${column.name}`] : [column.name];
  });
}

export interface LogFilters {
  readonly filters?: Readonly<Record<string, string>>;
  /** Inclusive; ISO 8601, without an offset in `timeZone`. */
  readonly start_date?: string;
  /** Inclusive to its own precision. */
  readonly end_date?: string;
}

/**
 * The conditions of a list as SQL, each value a parameter.
 * @throws AppError UNPROCESSABLE that names every unknown filter and value out of range
 */
export function filterConditions(table: LogTable, query: LogFilters, timeZone: string): SQL[] {
  const conditions: SQL[] = [];
  const problems: FieldProblem[] = [];
  const take = (path: string, make: () => SQL) => {
    try {
      conditions.push(make());
    } catch (error) {
      if (!(error instanceof FilterProblem)) throw error;
      problems.push({ path, message: error.message });
    }
  };
  const { start_date, end_date } = query;
  if (start_date !== undefined) {
    take("start_date", () => sql`created_at >= ${orProblem(parseInstant(start_date, timeZone))}::timestamptz`);
  }
  if (end_date !== undefined) {
    take("end_date", () => sql`created_at < ${orProblem(parseRangeEnd(end_date, timeZone))}::timestamptz`);
  }
  const byParameter = new Map(
    table.columns.flatMap((column): [string, (value: string) => SQL][] => {
      if (column.filter !== "range") return column.filter ? [[column.name, (value) => condition(column, value)]] : [];
      const name = sql.identifier(column.name);
      return [
        [`min_${column.name}`, (value) => sql`${name} >= ${wholeNumber(value, column)}`],
        [`max_${column.name}`, (value) => sql`${name} <= ${wholeNumber(value, column)}`],
      ];
    }),
  );
  for (const [path, value] of Object.entries(query.filters ?? {})) {
    const make = byParameter.get(path);
    if (make) take(path, () => make(value));
    else problems.push({ path, message: "unknown filter" });
  }
  if (problems.length > 0) {
    const first = problems[0];
    throw new AppError("UNPROCESSABLE", `${first?.path}: ${first?.message}.`, { errors: problems });
  }
  return conditions;
}

type Identifier = ReturnType<typeof sql.identifier>;

class FilterProblem extends Error {}

function orProblem(instant: string | undefined): string {
  if (instant === undefined)
    throw new FilterProblem("not an ISO 8601 date or time, such as 2024-01-31 or 2024-01-31T08:00:00Z");
  return instant;
}

function condition(column: Column, value: string): SQL {
  if (value.length > LONGEST_VALUE) throw new FilterProblem(`longer than ${LONGEST_VALUE} characters`);
  if (value.includes("\0")) throw new FilterProblem("holds a NUL character");
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
  const [address = "", bits, ...rest] = value.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || rest.length > 0) {
    throw new FilterProblem("not an IP address or CIDR block, such as 192.168.1.1 or 10.0.0.0/8");
  }
  if (bits === undefined) return sql`${name} = ${address}::inet`;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) {
    throw new FilterProblem("not a CIDR block, such as 10.0.0.0/8");
  }
  return sql`${name} <<= network(${value}::inet)`;
}

function statusCondition(name: Identifier, value: string): SQL {
  const parts = value.split(",").map((part) => part.trim());
  const alternatives = parts.map((part) => {
    if (/^\d{1,3}$/.test(part)) return sql`${name} = ${Number(part)}`;
    const digit = /^([0-9])xx$/i.exec(part)?.[1];
    if (digit === undefined)
      throw new FilterProblem("not a status such as 404, a class such as 4xx, or a list of them");
    return sql`${name} between ${Number(digit) * 100} and ${Number(digit) * 100 + 99}`;
  });
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

function wholeNumber(value: string, column: Column): number {
  const { min = 0, max = 2_147_483_647 } = column;
  if (!/^\d{1,10}$/.test(value) || Number(value) < min || Number(value) > max) {
    throw new FilterProblem(`not a whole number from ${min} to ${max}`);
  }
  return Number(value);
}
