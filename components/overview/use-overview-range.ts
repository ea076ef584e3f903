"use client";

import { useTimeZone } from "next-intl";
import { useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { rangeBetween } from "../time-range/bounds";
import type { TimeRange } from "../time-range/range";
import { rangeParsers, readRange, writeRange } from "../time-range/range-parameters";
import { INITIAL, overviewBounds } from "./overview-bounds";

/**
 * The time range of all charts, stored in the URL; `bounds` is null for all time.
 * @param now milliseconds since 1970
 */
export function useOverviewRange(now: number) {
  const timeZone = useTimeZone() ?? "UTC";
  const [{ range, start, end }, setValues] = useQueryStates(rangeParsers, { history: "push" });
  const selected: TimeRange = useMemo(() => readRange({ range, start, end }, INITIAL), [range, start, end]);
  const { from, to } = overviewBounds({ range, start, end }, now, timeZone) ?? {};
  const bounds = useMemo(() => (from === undefined || to === undefined ? null : { from, to }), [from, to]);
  const change = useCallback((next: TimeRange) => void setValues(writeRange(next, INITIAL)), [setValues]);
  const zoom = useCallback(
    (first: number, last: number) => change(rangeBetween({ from: first, to: last }, timeZone)),
    [change, timeZone],
  );
  return { range: selected, bounds, change, zoom };
}
