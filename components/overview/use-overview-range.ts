"use client";

import { useTimeZone } from "next-intl";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";
import { boundsOf, rangeBetween } from "../time-range/bounds";
import { RELATIVE_RANGES, type TimeRange } from "../time-range/range";

const parsers = { range: parseAsStringLiteral(RELATIVE_RANGES), start: parseAsString, end: parseAsString };
const FIRST = "24h";
const WIDEST = "90d";
/** Refetch interval of relative ranges: metrics are recorded every minute. */
const STEP_MS = 15_000;

/**
 * The time range of all charts, stored in the URL.
 * @param now milliseconds since 1970
 */
export function useOverviewRange(now: number) {
  const timeZone = useTimeZone() ?? "UTC";
  const [{ range, start, end }, setValues] = useQueryStates(parsers, { history: "push" });
  const selected: TimeRange = useMemo(
    () => (start !== null && end !== null ? { start, end } : { last: range ?? FIRST }),
    [range, start, end],
  );
  const until = Math.ceil(now / STEP_MS) * STEP_MS;
  const bounds = useMemo(() => {
    const fallback: TimeRange = { last: FIRST };
    const found = boundsOf(selected, until, timeZone) ?? boundsOf(fallback, until, timeZone) ?? { from: 0, to: until };
    return found.from < found.to ? found : { from: found.to - 1, to: found.to };
  }, [selected, until, timeZone]);
  const change = useCallback(
    (next: TimeRange) => {
      if (next === null) void setValues({ range: WIDEST, start: null, end: null });
      else if ("last" in next) void setValues({ range: next.last, start: null, end: null });
      else void setValues({ range: null, start: next.start, end: next.end });
    },
    [setValues],
  );
  const zoom = useCallback(
    (from: number, to: number) => change(rangeBetween({ from, to }, timeZone)),
    [change, timeZone],
  );
  return {
    range: selected,
    bounds,
    isRelative: "last" in selected,
    change,
    zoom,
  };
}
