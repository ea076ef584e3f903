"use client";

import { parseAsInteger, parseAsString, useQueryStates } from "nuqs";
import { useMemo } from "react";
import type { LogTable } from "@/server/catalog";
import { filterParams } from "./filter-params";

export const PAGE_SIZES = [20, 50, 100, 200] as const;

const paging = {
  cursor: parseAsString,
  page_size: parseAsInteger.withDefault(50),
};

/** What of the table one looks at, kept in the page's address: filters, page size and the cursor of the page. */
export function useLogView(table: LogTable) {
  const parsers = useMemo(
    () => Object.fromEntries(filterParams(table).map(({ name }) => [name, parseAsString])),
    [table],
  );
  const [values, setValues] = useQueryStates(parsers, { history: "push" });
  const [{ cursor, page_size: pageSize }, setPaging] = useQueryStates(paging, { history: "push" });

  const filters = useMemo(() => {
    const given = Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return Object.fromEntries(given);
  }, [values]);

  return {
    filters,
    cursor,
    pageSize,
    /** Replaces all filters; null or nothing for one means any value. Starts at the newest row again. */
    setFilters: (next: Readonly<Record<string, string | null>>) => {
      const empty = Object.fromEntries(Object.keys(parsers).map((name) => [name, null]));
      setValues({ ...empty, ...next });
      setPaging({ cursor: null });
    },
    setCursor: (next: string | null, history: "push" | "replace" = "push") => setPaging({ cursor: next }, { history }),
    setPageSize: (next: number) => setPaging({ page_size: next, cursor: null }),
  };
}
