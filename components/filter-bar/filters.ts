import type { BrowsedTable, Column } from "@/server/catalog";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import { type FilterValueProblem, filterValueProblem, readPattern, writePattern } from "@/server/catalog/filter-values";
import {
  type ExpressionFilter,
  isPresence,
  type Presence,
  readExpression,
  withExpression,
  withoutExpression,
  withoutPresence,
  withPresence,
} from "./expression";

/** A comparison with a value. */
export type Comparison = "is" | "isNot" | "startsWith" | "notStartsWith" | "min" | "max";

export type Operator = Comparison | Presence;

/** A condition on the values of a column. */
export interface Filter {
  column: Column;
  operator: Operator;
  /** The displayed value: a prefix without its `*`; empty for operators without a value. */
  value: string;
}

/** What a chip displays. */
export type Chip = Filter | ExpressionFilter;

export function isExpression(chip: Chip): chip is ExpressionFilter {
  return "expression" in chip;
}

/** Values by parameter, as in the URL and in requests. */
export type FilterParameters = Readonly<Record<string, string>>;

/** Returns the operators of a column, most common first. */
export function operatorsOf(column: Column): Operator[] {
  const comparisons = comparisonsOf(column);
  if (comparisons.length === 0) return [];
  return [...comparisons, "isEmpty", "isSet", ...(column.type === "text" ? (["isEmptyText"] as const) : [])];
}

/** Returns the comparison operators of a column, most common first. */
export function comparisonsOf({ filter, codes }: Column): Comparison[] {
  switch (filter) {
    case "exact":
    case "network":
    case "status":
      return ["is", "isNot"];
    case "prefix":
      return codes ? ["is", "isNot", "startsWith", "notStartsWith"] : ["startsWith", "is", "notStartsWith", "isNot"];
    case "range":
      return ["min", "max"];
    case undefined:
      return [];
  }
}

/** Returns whether the operator excludes matching rows. */
export function isNegative(operator: Operator): boolean {
  return operator === "isNot" || operator === "notStartsWith";
}

/** Returns the parameter of a filter: `status_code`, `not_os`, `min_response_time`; `filter` for several. */
export function parameterOf({ column, operator }: Pick<Filter, "column" | "operator">): string {
  switch (operator) {
    case "is":
    case "startsWith":
      return column.name;
    case "isNot":
    case "notStartsWith":
      return `not_${column.name}`;
    case "min":
      return `min_${column.name}`;
    case "max":
      return `max_${column.name}`;
    default:
      return FILTER_PARAMETER;
  }
}

/** Returns a key that is unique among the filters of a list. */
export function keyOf(filter: Pick<Filter, "column" | "operator"> | ExpressionFilter): string {
  if ("expression" in filter) return `expression ${filter.expression}`;
  return isPresence(filter.operator) ? `${FILTER_PARAMETER} ${filter.column.name}` : parameterOf(filter);
}

/** Returns the filter's value as it is sent. */
export function sentValue({ column, operator, value }: Filter): string {
  if (isPresence(operator)) return withPresence(undefined, column.name, operator);
  if (operator === "startsWith" || operator === "notStartsWith") return writePattern(value, true);
  return column.filter === "prefix" ? writePattern(value, false) : value;
}

/** Converts a typed filter: a final `*` makes it a prefix, `\\*` is a literal star; status lists also accept `，`. */
export function typedFilter(filter: Filter): Filter {
  if (filter.column.filter === "status") return { ...filter, value: filter.value.replaceAll("，", ",") };
  if (filter.column.filter !== "prefix" || isPresence(filter.operator)) return filter;
  const { text, isPrefix } = readPattern(filter.value);
  if (!isPrefix) return { ...filter, value: text };
  return { ...filter, operator: isNegative(filter.operator) ? "notStartsWith" : "startsWith", value: text };
}

/** Returns the value as it would be typed. */
export function typedValue({ column, value }: Filter): string {
  return column.filter === "prefix" ? writePattern(value, false) : value;
}

/** Parses a parameter and its value; undefined if the table has no such parameter. */
export function readFilter(table: BrowsedTable, parameter: string, value: string): Filter | undefined {
  for (const column of table.columns) {
    for (const operator of comparisonsOf(column)) {
      if (parameterOf({ column, operator }) !== parameter) continue;
      if (column.filter !== "prefix") return { column, operator, value };
      const { text, isPrefix } = readPattern(value);
      const isNot = isNegative(operator);
      if (isPrefix) return { column, operator: isNot ? "notStartsWith" : "startsWith", value: text };
      return { column, operator: isNot ? "isNot" : "is", value: text };
    }
  }
  return undefined;
}

/** Parses the filters of URL parameters, in order. */
export function readFilters(table: BrowsedTable, parameters: FilterParameters): Chip[] {
  return Object.entries(parameters).flatMap(([parameter, value]): Chip[] => {
    if (parameter === FILTER_PARAMETER) return readExpression(table, value);
    const filter = readFilter(table, parameter, value);
    return filter ? [filter] : [];
  });
}

/**
 * Adds a filter to the parameters. A new value replaces the parameter's old one, but statuses become a list, since no
 * row has two.
 * @param edited the filter to replace
 */
export function withFilter(parameters: FilterParameters, filter: Chip, edited?: Chip): Record<string, string> {
  if (isExpression(filter) || (edited && isExpression(edited))) {
    const others = edited ? withoutFilter(parameters, edited) : { ...parameters };
    if (!isExpression(filter)) return withFilter(others, filter);
    return { ...others, [FILTER_PARAMETER]: withExpression(others[FILTER_PARAMETER], filter.expression) };
  }
  if (edited && (isPresence(edited.operator) || isPresence(filter.operator)))
    return withFilter(withoutFilter(parameters, edited), filter);
  if (isPresence(filter.operator)) {
    const expression = withPresence(parameters[FILTER_PARAMETER], filter.column.name, filter.operator);
    return { ...parameters, [FILTER_PARAMETER]: expression };
  }
  const parameter = parameterOf(filter);
  const old = edited ? parameterOf(edited) : parameter;
  const value = sentValue(filter);
  const before = parameters[parameter];
  const isOwn = edited !== undefined && old === parameter;
  const next = filter.column.filter === "status" && before !== undefined && !isOwn ? joined(before, value) : value;
  const place = before === undefined ? old : parameter;
  return Object.fromEntries(
    Object.entries({ ...parameters, [place]: next }).flatMap(([name, own]): [string, string][] => {
      if (name === place) return [[parameter, own]];
      return name === old ? [] : [[name, own]];
    }),
  );
}

function joined(...lists: string[]): string {
  return [...new Set(lists.flatMap((list) => list.split(",")).map((part) => part.trim()))].join(",");
}

export function withoutFilter(parameters: FilterParameters, filter: Chip): Record<string, string> {
  const { [FILTER_PARAMETER]: expression, ...others } = parameters;
  if (isExpression(filter) || isPresence(filter.operator)) {
    const rest = isExpression(filter)
      ? withoutExpression(expression, filter.expression)
      : withoutPresence(expression, filter.column.name);
    return rest === "" ? others : { ...others, [FILTER_PARAMETER]: rest };
  }
  const { [parameterOf(filter)]: _, ...rest } = parameters;
  return rest;
}

export type FilterProblem = FilterValueProblem | "empty" | "contradiction";

/** The problem of a filter in combination with the others; undefined if valid. */
export function problemOf(filter: Filter, parameters: FilterParameters): FilterProblem | undefined {
  const { column, operator, value } = filter;
  if (isPresence(operator)) return undefined;
  if (value === "") return "empty";
  const problem = filterValueProblem(column, sentValue(filter));
  if (problem) return problem;
  const other = parameters[parameterOf({ column, operator: operator === "min" ? "max" : "min" })];
  if (column.filter !== "range" || other === undefined) return undefined;
  const [min, max] = operator === "min" ? [value, other] : [other, value];
  return Number(min) > Number(max) ? "contradiction" : undefined;
}
