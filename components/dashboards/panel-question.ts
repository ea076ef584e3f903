import type { BrowsedTable, LogTableName } from "@/server/catalog";
import type { PanelView } from "@/server/catalog/dashboards";
import { FILTER_PARAMETER, writeField } from "@/server/catalog/filter";
import type { ExploreQuestion, ExploreView } from "../explore/state";
import {
  type Chip,
  type FilterParameters,
  isExpression,
  isNegative,
  readFilters,
  withFilter,
} from "../filter-bar/filters";
import type { TimeRange } from "../time-range/range";
import type { PanelQuery } from "./dashboard";

/** Returns a panel's query as a question, with the time range and filter of its dashboard. */
export function panelQuestion(query: PanelQuery, range: TimeRange, filter: string): ExploreQuestion {
  const expression = both(query.filter ?? "", filter);
  return {
    table: query.table,
    filters: { ...query.filters, ...(expression === "" ? {} : { [FILTER_PARAMETER]: expression }) },
    range,
    measures: query.measures,
    groups: query.group_by,
    interval: query.interval,
    order: { by: "value", ...query.order_by },
    limit: query.limit,
    // All time has no period before it.
    compare: query.compare === "previous" && range !== null,
    archived: query.include_archived,
  };
}

/** Returns a question as a panel's query: without its time range. */
export function questionQuery(question: ExploreQuestion): PanelQuery {
  const { [FILTER_PARAMETER]: filter, ...filters } = question.filters;
  return {
    table: question.table,
    ...(filter ? { filter } : {}),
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
    include_archived: question.archived,
    measures: question.measures.map((measure) => ({ ...measure })),
    group_by: [...question.groups],
    interval: question.interval,
    order_by: { ...question.order },
    limit: question.limit,
    compare: question.compare ? "previous" : null,
  };
}

/** Explore displays a number by itself where a question has one value. */
export function exploreView(view: PanelView): ExploreView {
  return view === "number" ? "auto" : view;
}

function both(one: string, other: string): string {
  if (one.trim() === "" || other.trim() === "") return one.trim() === "" ? other.trim() : one.trim();
  return `(${one}) and (${other})`;
}

/** Returns the filters of a filter bar as one expression, which applies to panels of any table. */
export function filterExpression(table: BrowsedTable, filters: FilterParameters): string {
  let result: Record<string, string> = {};
  for (const chip of readFilters(table, filters)) {
    const text = chipExpression(chip);
    result = text === null ? withFilter(result, chip) : withFilter(result, { expression: text });
  }
  return result[FILTER_PARAMETER] ?? "";
}

/** Null for the presence of a value, which is an expression already. */
function chipExpression(chip: Chip): string | null {
  if (isExpression(chip)) return chip.expression;
  const { column, operator, value } = chip;
  const field = column.name;
  const match = (text: string) => {
    const starts = operator === "startsWith" || operator === "notStartsWith";
    return writeField({ field, path: [], test: { op: "match", pattern: starts ? [text, ""] : [text] } });
  };
  switch (operator) {
    case "isEmpty":
    case "isSet":
    case "isEmptyText":
      return null;
    case "min":
      return writeField({ field, path: [], test: { op: ">=", value } });
    case "max":
      return writeField({ field, path: [], test: { op: "<=", value } });
    default: {
      const values = column.filter === "status" ? value.split(",").map((one) => one.trim()) : [value];
      const term = values.length > 1 ? `${field}:(${values.join(", ")})` : match(value);
      return isNegative(operator) ? `not ${term}` : term;
    }
  }
}

/** The table whose fields a dashboard's filter bar offers. */
export function filterTable(panels: readonly { readonly query: PanelQuery | null }[]): LogTableName {
  return panels.find(({ query }) => query)?.query?.table ?? "access_logs";
}
