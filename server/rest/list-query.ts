import { z } from "zod";
import type { BrowsedTable } from "@/server/catalog";
import { inputIssue } from "@/server/lib/parse";
import type { Config } from "@/server/process/config";
import { filterNames } from "@/server/services/logs";

const wholeNumber = (min: number, max: number) => {
  const isInRange = (text: string) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max;
  return z
    .string()
    .refine(isInRange, inputIssue("input.number", { min, max }))
    .transform(Number)
    .meta({ type: "integer", minimum: min, maximum: max });
};

/** How many items a page has. */
export const pageSize = (config: Pick<Config, "defaultPageSize" | "maxPageSize">) =>
  wholeNumber(1, config.maxPageSize).default(config.defaultPageSize);

/**
 * The query of a log table's list: paging, sort and time range, and the filters that the catalog gives
 * its columns. What a filter's value may be, the pagination service says, for REST and tRPC alike.
 */
export function logListQuery(config: Pick<Config, "defaultPageSize" | "maxPageSize">, table: BrowsedTable) {
  const filters = Object.fromEntries(filterNames(table).map((name) => [name, z.string().optional()]));
  return z
    .strictObject({
      ...filters,
      page: wholeNumber(1, 1_000_000_000).optional(),
      page_size: pageSize(config),
      cursor: z.string().optional(),
      at: z.string().optional().describe("Starts the page at this time; not with page or cursor"),
      sort: z.enum(["created_at", "-created_at"]).optional(),
      count: z.enum(["estimate", "exact", "none"]).optional(),
      start_date: z.string().optional(),
      end_date: z.string().optional(),
    })
    .transform(({ page, page_size, cursor, at, sort, count, start_date, end_date, ...given }) => ({
      page,
      page_size,
      cursor,
      at,
      sort,
      count,
      start_date,
      end_date,
      filters: givenOnly(given),
    }));
}

/** The time range and filters of a table, without paging, and whether CSV begins with a byte order mark. */
export function csvQuery(table: BrowsedTable) {
  const filters = Object.fromEntries(filterNames(table).map((name) => [name, z.string().optional()]));
  return z
    .strictObject({
      ...filters,
      start_date: z.string().optional(),
      end_date: z.string().optional(),
      bom: z.enum(["true", "false"]).default("false"),
    })
    .transform(({ start_date, end_date, bom, ...given }) => ({
      start_date,
      end_date,
      bom: bom === "true",
      filters: givenOnly(given),
    }));
}

function givenOnly(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
