import { type BrowsedTable, logTableList } from "@/server/catalog";
import { derivedField } from "@/server/catalog/derived-fields";
import { FILTER_PARAMETER, FilterSyntaxError, filterNames, parseConjuncts, termsOf } from "@/server/catalog/filter";

/** The parameters of a log page that mean the same for every table. */
const SHARED = ["range", "start", "end", "sort", "size", "archived"];

/**
 * Returns the address of a log table's page with the time range and filters of the current one, as far as the table has
 * their fields; the bare address outside the log pages.
 */
export function carriedHref(href: string, pathname: string, search: URLSearchParams): string {
  const tableOf = (path: string) => logTableList.find((table) => `/logs/${table.path}` === path);
  const [source, target] = [tableOf(pathname), tableOf(href)];
  if (!source || !target || source === target) return href;
  const carried = new URLSearchParams();
  const names = new Set([...SHARED, ...filterNames(target)]);
  for (const [name, value] of search) {
    const own = name === FILTER_PARAMETER ? expressionFor(target, value) : value;
    if (names.has(name) && own !== "") carried.set(name, own);
  }
  // Without a range, an address with filters means all time, and one without filters the last 24 hours.
  const hasRange = carried.has("range") || carried.has("start");
  const isFiltered = filterNames(source).some((name) => search.has(name));
  if (!hasRange && isFiltered) carried.set("range", "all");
  return carried.size === 0 ? href : `${href}?${carried}`;
}

/** Returns the parts of an expression whose fields the table has. */
function expressionFor(table: BrowsedTable, expression: string): string {
  const has = (name: string) => table.columns.some((column) => column.name === name) || derivedField(table, name);
  try {
    return parseConjuncts(expression)
      .filter(({ expression: part }) => termsOf(part).every((term) => term.kind !== "field" || has(term.field)))
      .map(({ text }) => text)
      .join(" ");
  } catch (error) {
    if (error instanceof FilterSyntaxError) return "";
    throw error;
  }
}
