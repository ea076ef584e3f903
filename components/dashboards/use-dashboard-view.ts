"use client";

import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useState } from "react";
import { RELATIVE_RANGES, type TimeRange } from "../time-range/range";
import type { DashboardContent } from "./dashboard";

const ALL = "all";
const parsers = {
  range: parseAsStringLiteral([...RELATIVE_RANGES, ALL]),
  start: parseAsString,
  end: parseAsString,
  filter: parseAsString,
};

/** The time range and filter of all panels: those of the URL, otherwise those saved with the dashboard. */
export function useDashboardView(saved: Pick<DashboardContent, "range" | "filter">) {
  const [{ range, start, end, filter }, setValues] = useQueryStates(parsers, { history: "push" });
  // The end of a relative range, until the next refresh.
  const [now, setNow] = useState(() => Date.now());
  const chosen: TimeRange =
    start !== null && end !== null
      ? { start, end }
      : range === ALL
        ? null
        : range === null
          ? saved.range
          : { last: range };
  return {
    range: chosen,
    filter: filter ?? saved.filter,
    now,
    refresh: () => setNow(Date.now()),
    setRange: (next: TimeRange) => {
      setNow(Date.now());
      const none = { range: null, start: null, end: null };
      if (next === null) void setValues({ ...none, range: ALL });
      else if ("last" in next) void setValues({ ...none, range: next.last });
      else void setValues({ ...none, ...next });
    },
    /** An empty filter is stated, if another one is saved. */
    setFilter: (next: string) => void setValues({ filter: next === saved.filter ? null : next }),
  };
}
