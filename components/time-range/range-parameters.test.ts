import { expect, it } from "vitest";
import type { TimeRange } from "./range";
import { readRange, writeRange } from "./range-parameters";

const RANGES: TimeRange[] = [null, { last: "24h" }, { last: "7d" }, { start: "2026-11-01", end: "2026-11-02" }];

it("is read from a URL as it was written, whatever the page starts with", () => {
  for (const initial of RANGES)
    for (const range of RANGES) expect(readRange(writeRange(range, initial), initial)).toEqual(range);
  expect(writeRange({ last: "24h" }, { last: "24h" })).toEqual({ range: null, start: null, end: null });
});
