import type { BrowsedTable } from "../types";

/** The parameter of lists, histograms, exports and streams for a filter expression. */
export const FILTER_PARAMETER = "filter";
/** Prefix of a column's name: matches rows whose value is different or null. */
export const NOT = "not_";

/** Returns the names of the filter parameters of `table` with their negations; the last one takes an expression. */
export function filterNames(table: BrowsedTable): string[] {
  const names = table.columns.flatMap(({ name, filter }) => {
    if (!filter) return [];
    return filter === "range" ? [`min_${name}`, `max_${name}`] : [name, `${NOT}${name}`];
  });
  return [...names, FILTER_PARAMETER];
}
