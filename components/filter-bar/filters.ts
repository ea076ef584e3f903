import type { BrowsedTable, Column } from "@/server/catalog";
import { type FilterValueProblem, filterValueProblem } from "@/server/catalog/filter-values";

export type Operator = "is" | "isNot" | "startsWith" | "notStartsWith" | "atLeast" | "atMost";

/** One chip: what a column's values must be. */
export interface Filter {
  column: Column;
  operator: Operator;
  /** As people read it: a beginning without its `*`. */
  value: string;
}

/** By parameter, as in the page's address and in requests. */
export type FilterParameters = Readonly<Record<string, string>>;

/** What one can ask of a column, the usual first. */
export function operatorsOf({ filter, codes }: Column): Operator[] {
  switch (filter) {
    case "exact":
    case "network":
    case "status":
      return ["is", "isNot"];
    case "prefix":
      return codes ? ["is", "isNot", "startsWith", "notStartsWith"] : ["startsWith", "is", "notStartsWith", "isNot"];
    case "range":
      return ["atLeast", "atMost"];
    case undefined:
      return [];
  }
}

/** Whether it keeps the rows that differ. */
export function isNegative(operator: Operator): boolean {
  return operator === "isNot" || operator === "notStartsWith";
}

/** The parameter that a filter is sent as: `status_code`, `not_os`, `min_response_time`. */
export function parameterOf({ column, operator }: Pick<Filter, "column" | "operator">): string {
  switch (operator) {
    case "is":
    case "startsWith":
      return column.name;
    case "isNot":
    case "notStartsWith":
      return `not_${column.name}`;
    case "atLeast":
      return `min_${column.name}`;
    case "atMost":
      return `max_${column.name}`;
  }
}

/** The filter's value as it is sent. */
export function sentValue({ operator, value }: Pick<Filter, "operator" | "value">): string {
  return operator === "startsWith" || operator === "notStartsWith" ? `${value.replace(/\*$/, "")}*` : value;
}

/** The filter behind a parameter and its value; undefined when the table has no such parameter. */
export function readFilter(table: BrowsedTable, parameter: string, value: string): Filter | undefined {
  for (const column of table.columns) {
    for (const operator of operatorsOf(column)) {
      if (parameterOf({ column, operator }) !== parameter) continue;
      if (column.filter !== "prefix" || !value.endsWith("*")) {
        return {
          column,
          operator: operator === "startsWith" ? "is" : operator === "notStartsWith" ? "isNot" : operator,
          value,
        };
      }
      return {
        column,
        operator: parameter === column.name ? "startsWith" : "notStartsWith",
        value: value.slice(0, -1),
      };
    }
  }
  return undefined;
}

/** The chips of a page's parameters, in their order. */
export function readFilters(table: BrowsedTable, parameters: FilterParameters): Filter[] {
  return Object.entries(parameters).flatMap(([parameter, value]) => readFilter(table, parameter, value) ?? []);
}

/**
 * The parameters with one filter more. A parameter holds one value, which the new one replaces; statuses become
 * a list, since no row has two.
 * @param edited the filter that it takes the place of
 */
export function withFilter(parameters: FilterParameters, filter: Filter, edited?: Filter): Record<string, string> {
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

export function withoutFilter(parameters: FilterParameters, filter: Filter): Record<string, string> {
  const { [parameterOf(filter)]: _, ...rest } = parameters;
  return rest;
}

export type FilterProblem = FilterValueProblem | "empty" | "contradiction";

/** What is wrong with a filter beside the others; undefined when it can be sent. */
export function problemOf(filter: Filter, parameters: FilterParameters): FilterProblem | undefined {
  const { column, operator, value } = filter;
  if (value === "") return "empty";
  const problem = filterValueProblem(column, sentValue(filter));
  if (problem) return problem;
  const other = parameters[parameterOf({ column, operator: operator === "atLeast" ? "atMost" : "atLeast" })];
  if (column.filter !== "range" || other === undefined) return undefined;
  const [least, most] = operator === "atLeast" ? [value, other] : [other, value];
  return Number(least) > Number(most) ? "contradiction" : undefined;
}
