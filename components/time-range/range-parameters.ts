import { parseAsString, parseAsStringLiteral } from "nuqs/server";
import { RELATIVE_RANGES, type TimeRange } from "./range";

const ALL_TIME = "all";

/** The parameters of a time range in URLs: `range=24h` or `all`, or `start` and `end`. */
export const rangeParsers = {
  range: parseAsStringLiteral([...RELATIVE_RANGES, ALL_TIME]),
  start: parseAsString,
  end: parseAsString,
};

/** As parsed; null for what the URL does not have. */
export interface RangeParameters {
  readonly range: (typeof RELATIVE_RANGES)[number] | typeof ALL_TIME | null;
  readonly start: string | null;
  readonly end: string | null;
}

/** @param initial the range of a URL that has none */
export function readRange({ range, start, end }: RangeParameters, initial: TimeRange): TimeRange {
  if (start !== null && end !== null) return { start, end };
  if (range === ALL_TIME) return null;
  return range === null ? initial : { last: range };
}

/** The parameters that readRange parses, as short as possible. */
export function writeRange(range: TimeRange, initial: TimeRange): RangeParameters {
  if (range !== null && "start" in range) return { range: null, ...range };
  const isInitial = JSON.stringify(range) === JSON.stringify(initial);
  return { range: isInitial ? null : (range?.last ?? ALL_TIME), start: null, end: null };
}
