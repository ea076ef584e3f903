"use client";

import { parseAsString, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { filterNames } from "@/server/catalog/filter";

/** The filters of activities have a prefix in the URL, since requests have fields of the same names. */
const PREFIXES = { access_logs: "", user_activities: "activity_" } as const satisfies Record<LogTableName, string>;
const TABLES = Object.fromEntries(
  LOG_TABLE_NAMES.map((table) => {
    const names = filterNames(logTables[table]);
    return [
      table,
      {
        parsers: Object.fromEntries(names.map((name) => [name, parseAsString])),
        none: Object.fromEntries(names.map((name) => [name, null])),
        urlKeys: Object.fromEntries(names.map((name) => [name, `${PREFIXES[table]}${name}`])),
      },
    ];
  }),
);

/** The filters of the requests or activities of the overview, stored in the URL. */
export function useOverviewFilters(table: LogTableName) {
  const { parsers = {}, none, urlKeys } = TABLES[table] ?? {};
  const [values, setValues] = useQueryStates(parsers, { history: "push", urlKeys });
  const filters = useMemo(
    () => Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1]))),
    [values],
  );
  const setFilters = useCallback(
    (next: Readonly<Record<string, string>>) => void setValues({ ...none, ...next }),
    [setValues, none],
  );
  return { filters, setFilters, isFiltered: Object.keys(filters).length > 0 };
}
