"use client";

import { useQueryStates } from "nuqs";
import { useMemo } from "react";
import { logTables } from "@/server/catalog";
import { filterNames } from "@/server/catalog/filter";
import { choiceParsers, type ExportChoices, filterParsers, rangeValues, tableOf } from "./export-choices";
import { readJsonColumns, writeJsonColumns } from "./json-columns";

/** The form settings, stored in the URL so that links open the same form. */
export function useExportChoices() {
  const [values, setValues] = useQueryStates(choiceParsers, { history: "replace" });
  const [filterValues, setFilterValues] = useQueryStates(filterParsers, { history: "replace" });
  const choices = useMemo((): ExportChoices => {
    const { type, range, start, end, cols, json, headers, format, compress, bom, archived } = values;
    const table = tableOf(type);
    const names = table === null ? [] : filterNames(logTables[table]);
    const known = table === null ? [] : logTables[table].columns.map((column) => column.name);
    const columns = [...new Set(cols?.split(",") ?? [])].filter((name) => known.includes(name));
    return {
      type,
      range: start !== null && end !== null ? { start, end } : range === null ? null : { last: range },
      filters: Object.fromEntries(
        names.flatMap((name): [string, string][] => (filterValues[name] ? [[name, filterValues[name]]] : [])),
      ),
      columns: columns.length === 0 ? null : columns,
      json: readJsonColumns(json),
      headers,
      format,
      compress,
      bom,
      archived,
    };
  }, [values, filterValues]);

  const change = (next: Partial<ExportChoices>) => {
    const { range, filters, columns, json, ...rest } = next;
    setValues({
      ...rest,
      ...(range === undefined ? {} : rangeValues(range)),
      ...(columns === undefined ? {} : { cols: columns?.join(",") ?? null }),
      ...(json === undefined ? {} : { json: writeJsonColumns(json) }),
    });
    if (filters === undefined) return;
    const none = Object.fromEntries(Object.keys(filterParsers).map((name) => [name, null]));
    setFilterValues({ ...none, ...filters });
  };

  return { choices, change };
}
