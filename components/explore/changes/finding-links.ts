import { logTables } from "@/server/catalog";
import type { FilterParameters } from "../../filter-bar/filters";
import { rangeBetween } from "../../time-range/bounds";
import { filteredFor } from "../drill";
import { filterOf } from "../fields";
import { exploreHref } from "../href";
import { DEFAULT_QUESTION, type ExploreQuestion, type ExploreView } from "../state";
import { CHANGES_PARAMETER, type ChangesWindow, type ComparedRows, parseAsWindow } from "./changes-window";
import type { Finding } from "./types";

/** The filters of the rows with a value; undefined if filters cannot express it. */
export function filtersFor(
  rows: ComparedRows,
  { field, value }: Pick<Finding, "field" | "value">,
  rowsFilter: string | null = null,
): FilterParameters | undefined {
  const chip = filterOf(rows.table, field, value);
  return chip && withFilters(rows, [chip, ...expressions(rowsFilter)]);
}

/** The URL of the log page with exactly the rows of a finding in the window. */
export function findingRowsHref(
  rows: ComparedRows,
  finding: Finding,
  window: ChangesWindow,
  timeZone: string,
): string | undefined {
  const filters = filtersFor(rows, finding, finding.rows_filter);
  if (!filters) return undefined;
  const params = new URLSearchParams({ ...filters, ...rangeBetween(window, timeZone) });
  if (rows.archived) params.set("archived", "1");
  return `/logs/${logTables[rows.table].path}?${params}`;
}

/** The URL of Explore with the rows of a finding's kind by its field, compared with the period before. */
export function findingGroupsHref(
  rows: ComparedRows,
  { field, rows_filter }: Finding,
  window: ChangesWindow,
  timeZone: string,
): string {
  const filters = withFilters(rows, expressions(rows_filter));
  return exploreHref({ ...rows, filters, range: rangeBetween(window, timeZone), groups: [field], compare: true });
}

/** The URL of Explore with a question and the panel of a window. */
export function changesHref(question: Partial<ExploreQuestion>, window: ChangesWindow, view?: ExploreView): string {
  const href = exploreHref(question, view);
  return `${href}${href.includes("?") ? "&" : "?"}${new URLSearchParams({ [CHANGES_PARAMETER]: parseAsWindow.serialize(window) })}`;
}

function withFilters(rows: ComparedRows, chips: Parameters<typeof filteredFor>[1]): FilterParameters {
  return filteredFor({ ...DEFAULT_QUESTION, ...rows }, chips).filters;
}

function expressions(text: string | null): { expression: string }[] {
  return text === null ? [] : [{ expression: text }];
}
