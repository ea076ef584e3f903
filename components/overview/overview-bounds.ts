import { type Bounds, boundsOf } from "../time-range/bounds";
import type { TimeRange } from "../time-range/range";
import { type RangeParameters, readRange } from "../time-range/range-parameters";

/** The range of a URL that has none. */
export const INITIAL: TimeRange = { last: "24h" };
/** Refetch interval of relative ranges: metrics are recorded every minute. */
const STEP_MS = 15_000;

/**
 * The time range of all charts as it is requested, on the server as in the browser; null for all time.
 * @param now milliseconds since 1970
 */
export function overviewBounds(parameters: RangeParameters, now: number, timeZone: string): Bounds | null {
  const selected = readRange(parameters, INITIAL);
  if (selected === null) return null;
  const until = Math.ceil(now / STEP_MS) * STEP_MS;
  const found = boundsOf(selected, until, timeZone) ?? boundsOf(INITIAL, until, timeZone) ?? { from: 0, to: until };
  return found.from < found.to ? found : { from: found.to - 1, to: found.to };
}
