"use client";

import { useTimeZone } from "next-intl";
import { useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { boundsOf, rangeBetween } from "../time-range/bounds";
import type { TimeRange } from "../time-range/range";
import { rangeParsers, readRange, writeRange } from "../time-range/range-parameters";

const INITIAL: TimeRange = { last: "24h" };
/** Refetch interval of relative ranges: metrics are recorded every minute. */
const STEP_MS = 15_000;

/**
 * The time range of all charts, stored in the URL; `bounds` is null for all time.
 * @param now milliseconds since 1970
 */
export function useOverviewRange(now: number) {
  const timeZone = useTimeZone() ?? "UTC";
  const [{ range, start, end }, setValues] = useQueryStates(rangeParsers, { history: "push" });
  const selected: TimeRange = useMemo(() => readRange({ range, start, end }, INITIAL), [range, start, end]);
  const until = Math.ceil(now / STEP_MS) * STEP_MS;
  const bounds = useMemo(() => {
    if (selected === null) return null;
    const found = boundsOf(selected, until, timeZone) ?? boundsOf(INITIAL, until, timeZone) ?? { from: 0, to: until };
    return found.from < found.to ? found : { from: found.to - 1, to: found.to };
  }, [selected, until, timeZone]);
  const change = useCallback((next: TimeRange) => void setValues(writeRange(next, INITIAL)), [setValues]);
  const zoom = useCallback(
    (from: number, to: number) => change(rangeBetween({ from, to }, timeZone)),
    [change, timeZone],
  );
  return { range: selected, bounds, change, zoom };
}
