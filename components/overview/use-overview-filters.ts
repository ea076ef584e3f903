"use client";

import { parseAsString, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { logTables } from "@/server/catalog";
import { filterNames } from "@/server/catalog/filter";

const parsers = Object.fromEntries(filterNames(logTables.access_logs).map((name) => [name, parseAsString]));
const none = Object.fromEntries(Object.keys(parsers).map((name) => [name, null]));

/** The filters of the traffic, stored in the URL. */
export function useOverviewFilters() {
  const [values, setValues] = useQueryStates(parsers, { history: "push" });
  const filters = useMemo(
    () => Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]))),
    [values],
  );
  const setFilters = useCallback(
    (next: Readonly<Record<string, string>>) => void setValues({ ...none, ...next }),
    [setValues],
  );
  return { filters, setFilters };
}
