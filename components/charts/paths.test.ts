import { describe, expect, it } from "vitest";
import { areaPath, barsPath, basesOf, linePath, maxOf, scaleTo } from "./paths";

describe("The scale of a chart", () => {
  it("ends at a round number that no value exceeds, with two to four steps", () => {
    for (const max of [0.0042, 0.06, 0.9, 1, 3, 7, 12, 99, 101, 1_234, 56_789, 9.4e6]) {
      const { max: end, ticks } = scaleTo(max, false);
      expect(end).toBeGreaterThanOrEqual(max);
      expect(end).toBeLessThanOrEqual(max * 2.01);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(5);
      expect(ticks[0]).toBe(0);
    }
  });

  it("has no fractions for counts, also without any", () => {
    for (const max of [0, 1, 2, 5, 16]) expect(scaleTo(max, true).ticks.every(Number.isInteger)).toBe(true);
    expect(scaleTo(0, false).max).toBeGreaterThan(0);
  });
});

describe("The series of a chart", () => {
  const [low, high] = [
    [1, null, 3],
    [1, 2, null],
  ];

  it("are stacked upon each other", () => {
    expect(maxOf([low, high], true)).toBe(3);
    expect(maxOf([low, high], false)).toBe(3);
    expect(basesOf([low, high])).toEqual([
      [0, 0, 0],
      [1, 0, 3],
    ]);
    expect(barsPath(high, [1, 0, 3], 4)).toBe("M0.05 75V50h0.9V75ZM1.05 100V50h0.9V100Z");
  });

  it("are interrupted where there is no data", () => {
    expect(linePath([1, null, 2, 4], 4)).toBe("M0.5 75h0.001M2.5 50L3.5 0");
    expect(areaPath([2, 4, null], [0, 0, 0], 4)).toBe("M0.5 50L1.5 0L1.5 100L0.5 100Z");
  });
});
