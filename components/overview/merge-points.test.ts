import { expect, it } from "vitest";
import { mergedTo } from "./merge-points";

const hours = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    at: new Date(n * 3_600_000).toISOString(),
    end: new Date((n + 1) * 3_600_000).toISOString(),
    "2xx": n % 2 === 0 ? 5 : null,
    "5xx": null,
  }));

it("A chart has at most 64 bars, which follow each other and add up to all requests", () => {
  for (const count of [1, 60, 64, 65, 168, 192, 200]) {
    const bars = mergedTo(hours(count));
    expect(bars.length).toBeLessThanOrEqual(64);
    expect(bars.slice(1).map(({ at }) => at)).toEqual(bars.slice(0, -1).map(({ end }) => end));
    expect(bars.at(-1)?.end).toBe(hours(count).at(-1)?.end);
    const sum = bars.reduce((total, { "2xx": value }) => total + Number(value ?? 0), 0);
    expect(sum).toBe(Math.ceil(count / 2) * 5);
    expect(bars.every(({ "5xx": none }) => none === null)).toBe(true);
  }
});
