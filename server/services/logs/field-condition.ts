import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { type FieldTerm, FilterSyntaxError, type Pattern } from "@/server/catalog/filter";
import { isIP } from "@/server/catalog/formats/ip";
import { parseRangeEnd, parseRangeStart } from "@/server/lib/time";
import { mayContainWords } from "@/server/services/segment-blocks";
import { inBlock } from "./address-text";
import {
  type Comparison,
  type Condition,
  compared,
  emptyTextCondition,
  equalTo,
  FilterProblem,
  nullCondition,
  startsWith,
} from "./column-conditions";
import { columnarAddressCondition } from "./columnar/address-condition";
import { columnarPattern } from "./columnar/patterns";
import { derivedCondition } from "./derived-condition";
import { memberCondition } from "./member-condition";
import { patternCondition } from "./text-condition";

/** Converts the condition on a field. @throws FilterSyntaxError for an unknown field or an unsuitable value */
export function fieldCondition(table: BrowsedTable, term: FieldTerm, timeZone: string): Condition {
  const { field, path, test, position, valuePosition } = term;
  const column = table.columns.find(({ name }) => name === field);
  try {
    const derived = column || path.length > 0 ? undefined : derivedCondition(table, field, test);
    if (derived) return derived;
    if (!column) throw new FilterSyntaxError(errorValue("input.filter_field", {}), position);
    if (path.length === 0) return columnCondition(column, test, timeZone);
    if (column.type !== "jsonb") throw new FilterSyntaxError(errorValue("input.filter_no_members", {}), position);
    return memberCondition(column, path, test);
  } catch (error) {
    throw error instanceof FilterProblem ? new FilterSyntaxError(error.problem, valuePosition) : error;
  }
}

function columnCondition(column: Column, test: FieldTerm["test"], timeZone: string): Condition {
  switch (test.op) {
    case "null":
      return isAlwaysSet(column) ? { condition: sql`false` } : nullCondition(column);
    case "set":
      return { condition: isAlwaysSet(column) ? sql`true` : sql`${sql.identifier(column.name)} is not null` };
    case "empty":
      if (column.type !== "text") throw unsuitable("filter_not_text");
      return emptyTextCondition(column);
    case "match":
      return matchCondition(column, test.pattern, timeZone);
    default:
      return comparison(column, test.op, test.value, timeZone);
  }
}

function matchCondition(column: Column, pattern: Pattern, timeZone: string): Condition {
  const [text = "", rest] = pattern;
  const name = sql.identifier(column.name);
  if (rest === undefined) {
    if (column.type === "jsonb") throw unsuitable("filter_member_expected");
    if (column.type === "uuid") return { condition: sql`${name} = ${requireUuid(text)}::uuid` };
    if (column.type === "timestamptz") return { condition: sql`(${within(column, text, timeZone)})` };
    if (column.type === "text" && column.isAddress && isBlock(text)) {
      return { condition: inBlock(name.getSQL(), text), columnar: columnarAddressCondition(column, text) };
    }
    const equal = equalTo(column, text);
    return column.type === "text" && column.index === undefined
      ? { ...equal, blocks: mayContainWords(pattern) }
      : equal;
  }
  const blocks = mayContainWords(pattern);
  const columnar = columnarPattern(name.getSQL(), pattern);
  if (column.type === "inet") return { condition: patternCondition(sql`host(${name})`, pattern), columnar, blocks };
  if (column.type !== "text") throw unsuitable("filter_no_pattern");
  if (pattern.length === 2 && rest === "") return { ...startsWith(column, text), blocks };
  return { condition: patternCondition(name.getSQL(), pattern), columnar, blocks };
}

function comparison(column: Column, operator: Comparison, value: string, timeZone: string): Condition {
  if (column.type === "integer") return compared(column, operator, value);
  if (column.type !== "timestamptz") throw unsuitable("filter_no_order");
  const { from, before } = requireTime(value, timeZone);
  const name = sql.identifier(column.name);
  switch (operator) {
    case ">":
      return { condition: sql`${name} >= ${before}::timestamptz` };
    case ">=":
      return { condition: sql`${name} >= ${from}::timestamptz` };
    case "<":
      return { condition: sql`${name} < ${from}::timestamptz` };
    case "<=":
      return { condition: sql`${name} < ${before}::timestamptz` };
  }
}

/** The day, second or other unit of a time. */
function within({ name }: Column, value: string, timeZone: string): SQL {
  const { from, before } = requireTime(value, timeZone);
  return sql`${sql.identifier(name)} >= ${from}::timestamptz and ${sql.identifier(name)} < ${before}::timestamptz`;
}

function requireTime(value: string, timeZone: string) {
  const from = parseRangeStart(value, timeZone);
  const before = parseRangeEnd(value, timeZone);
  if (from === undefined || before === undefined) throw new FilterProblem(errorValue("input.not_time", {}));
  return { from, before };
}

function requireUuid(text: string): string {
  if (/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) return text;
  throw new FilterProblem(errorValue("input.uuid", {}));
}

/** Whether a text is a CIDR block. Other texts with a slash are compared as they are. */
function isBlock(text: string): boolean {
  const [address = "", bits = "", ...others] = text.split("/");
  const version = isIP(address);
  return (
    version > 0 &&
    others.length === 0 &&
    /^(?:0|[1-9]\d{0,2})$/.test(bits) &&
    Number(bits) <= (version === 4 ? 32 : 128)
  );
}

/** From the catalog, because not every version of PostgreSQL infers that no row can match. */
function isAlwaysSet({ name, required = false }: Column): boolean {
  return required || name === "id" || name === "created_at";
}

type Unsuitable = "filter_not_text" | "filter_member_expected" | "filter_no_pattern" | "filter_no_order";

function unsuitable(code: Unsuitable): FilterProblem {
  const problem: ErrorValue = errorValue(`input.${code}`, {});
  return new FilterProblem(problem);
}
