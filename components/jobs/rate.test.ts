import { describe, expect, it } from "vitest";
import { rateOf, type Sample, secondsLeft, withSample } from "./rate";

const samples = (...pairs: [number, number][]) =>
  pairs.reduce<readonly Sample[]>((all, [seconds, done]) => withSample(all, { at: seconds * 1_000, done }), []);

describe("The speed of a job", () => {
  it("is unknown within the first second", () => {
    expect(rateOf([])).toBeNull();
    expect(rateOf(samples([0, 100], [0.5, 900]))).toBeNull();
  });

  it("is that of the last ten seconds", () => {
    expect(rateOf(samples([0, 100], [2, 500]))).toBe(200);
    expect(rateOf(samples([0, 1], [20, 100_000], [25, 100_050], [30, 100_100]))).toBe(10);
  });

  it("of a stalled job falls to zero, and its end is unknown", () => {
    const rate = rateOf(samples([0, 500], [11, 500], [20, 500]));
    expect(rate).toBe(0);
    expect(secondsLeft(500, 1_000, rate)).toBeNull();
  });

  it("restarts when the job restarts", () => {
    expect(rateOf(samples([0, 0], [5, 5_000], [6, 0], [7, 10], [9, 210]))).toBe(100);
    expect(rateOf(samples([0, 1], [5, 5_000], [6, 10], [8, 210]))).toBe(100);
  });

  it("is measured from the first rows, without the time that it took to start", () => {
    expect(rateOf(samples([0, 0], [1, 0], [2, 0], [3, 50]))).toBeNull();
    expect(rateOf(samples([0, 0], [1, 0], [2, 0], [3, 50], [4, 1_050]))).toBe(1_000);
  });

  it("gives the time left if the number of rows is known", () => {
    expect(secondsLeft(400, 1_000, 200)).toBe(3);
    expect(secondsLeft(1_200, 1_000, 200)).toBe(0);
    expect(secondsLeft(400, null, 200)).toBeNull();
  });
});
