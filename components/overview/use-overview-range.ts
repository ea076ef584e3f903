"use client";

import { useTimeZone } from "next-intl";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { boundsOf, rangeBetween } from "../time-range/bounds";
import { RELATIVE_RANGES, type TimeRange } from "../time-range/range";

/** The value of `range` in the URL for all time. */
const ALL = "all";
const parsers = { range: parseAsStringLiteral([...RELATIVE_RANGES, ALL]), start: parseAsString, end: parseAsString };
const FIRST = "24h";
/** Refetch interval of relative ranges: metrics are recorded every minute. */
const STEP_MS = 15_000;

/**
 * The time range of all charts, stored in the URL; `bounds` is null for all time.
 * @param now milliseconds since 1970
 */
export function useOverviewRange(now: number) {
  const timeZone = useTimeZone() ?? "UTC";
  const [{ range, start, end }, setValues] = useQueryStates(parsers, { history: "push" });
  const selected: TimeRange = useMemo(
    () => (start !== null && end !== null ? { start, end } : range === ALL ? null : { last: range ?? FIRST }),
    [range, start, end],
  );
  const until = Math.ceil(now / STEP_MS) * STEP_MS;
  const bounds = useMemo(() => {
    if (selected === null) return null;
    const fallback: TimeRange = { last: FIRST };
    const found = boundsOf(selected, until, timeZone) ?? boundsOf(fallback, until, timeZone) ?? { from: 0, to: until };
    return found.from < found.to ? found : { from: found.to - 1, to: found.to };
  }, [selected, until, timeZone]);
  const change = useCallback(
    (next: TimeRange) => {
      if (next === null) void setValues({ range: ALL, start: null, end: null });
      else if ("last" in next) void setValues({ range: next.last, start: null, end: null });
      else void setValues({ range: null, start: next.start, end: next.end });
    },
    [setValues],
  );
  const zoom = useCallback(
    (from: number, to: number) => change(rangeBetween({ from, to }, timeZone)),
    [change, timeZone],
  );
  return { range: selected, bounds, change, zoom };
}
