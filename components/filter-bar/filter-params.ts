import type { BrowsedTable, Column } from "@/server/catalog";
import { FILTER_PARAMETER } from "@/server/catalog/filter";

export interface FilterParam {
  /** The name in the address and in the API: `status_code`, `min_response_time`. */
  name: string;
  column: Column;
  /** Which end of a range; null for the other kinds. */
  bound: "min" | "max" | null;
}

/** What a list of `table` can be narrowed by, in the order of its columns. */
function filterParams(table: BrowsedTable): FilterParam[] {
  return table.columns.flatMap((column): FilterParam[] => {
    if (!column.filter) return [];
    if (column.filter !== "range") return [{ name: column.name, column, bound: null }];
    return [
      { name: `min_${column.name}`, column, bound: "min" },
      { name: `max_${column.name}`, column, bound: "max" },
    ];
  });
}

/** Every parameter that narrows a list of `table`, the opposites too, and the expression. */
export function parameterNames(table: BrowsedTable): string[] {
  const names = filterParams(table).flatMap(({ name, bound }) => (bound ? [name] : [name, `not_${name}`]));
  return [...names, FILTER_PARAMETER];
}
