import type { BrowsedTable } from "../types";

/** The parameter of lists, histograms, exports and streams that takes an expression. */
export const FILTER_PARAMETER = "filter";
/** Before a column's name: rows where it is different, or null. */
export const NOT = "not_";

/** The names of the parameters that narrow a list of `table`, with their opposites; the last one takes an expression. */
export function filterNames(table: BrowsedTable): string[] {
  const names = table.columns.flatMap(({ name, filter }) => {
    if (!filter) return [];
    return filter === "range" ? [`min_${name}`, `max_${name}`] : [name, `${NOT}${name}`];
  });
  return [...names, FILTER_PARAMETER];
}
