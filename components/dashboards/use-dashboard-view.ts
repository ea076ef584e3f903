"use client";

import { parseAsString, useQueryStates } from "nuqs";
import { useState } from "react";
import type { TimeRange } from "../time-range/range";
import { rangeParsers, readRange, writeRange } from "../time-range/range-parameters";
import type { DashboardContent } from "./dashboard";

const parsers = { ...rangeParsers, filter: parseAsString };

/** The time range and filter of all panels: those of the URL, otherwise those saved with the dashboard. */
export function useDashboardView(saved: Pick<DashboardContent, "range" | "filter">) {
  const [{ filter, ...range }, setValues] = useQueryStates(parsers, { history: "push" });
  // The end of a relative range, until the next refresh.
  const [now, setNow] = useState(() => Date.now());
  return {
    range: readRange(range, saved.range),
    filter: filter ?? saved.filter,
    now,
    refresh: () => setNow(Date.now()),
    setRange: (next: TimeRange) => {
      setNow(Date.now());
      void setValues(writeRange(next, saved.range));
    },
    /** An empty filter is stated, if another one is saved. */
    setFilter: (next: string) => void setValues({ filter: next === saved.filter ? null : next }),
  };
}
