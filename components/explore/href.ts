import { LOG_TABLE_NAMES } from "@/server/catalog";
import { groupFields, isMember } from "./fields";
import { DEFAULT_QUESTION, type ExploreQuestion, type ExploreView, normalized, writeExplore } from "./state";

/** The URL of the Explore page with a question; parts that are not given have their defaults. */
export function exploreHref(question: Partial<ExploreQuestion>, view: ExploreView = "auto"): string {
  return `/explore${writeExplore(normalized({ ...DEFAULT_QUESTION, ...question }), view)}`;
}

/** Returns the URLs of Explore for the rows of a log page, grouped by a field; undefined for what cannot be. */
export function groupHrefOf(
  tableName: string,
  rows: Pick<ExploreQuestion, "filters" | "range" | "archived">,
): (field: string) => string | undefined {
  const table = LOG_TABLE_NAMES.find((name) => name === tableName);
  return (field) =>
    table && (groupFields(table).includes(field) || isMember(table, field))
      ? exploreHref({ ...rows, table, groups: [field] })
      : undefined;
}
