import { describe, expect, it } from "vitest";
import { rangeBetween } from "../../time-range/bounds";
import { boundsOfBuckets, bucketAt, countsOf, type Histogram, kindsOf, niceMaximum } from "./buckets";
import { ticksOf } from "./ticks";

const HOUR_MS = 3_600_000;

function histogram(first: string, count: number, seconds: number): Histogram {
  const from = Date.parse(first);
  const buckets = Array.from({ length: count }, (_, index) => ({
    at: new Date(from + index * seconds * 1_000).toISOString(),
    count: index,
  }));
  const end = new Date(from + count * seconds * 1_000).toISOString();
  return { start: first, end, bucket_seconds: seconds, is_exact: true, total: 0, buckets };
}

describe("Dragging across the histogram", () => {
  const day = histogram("2026-11-21T16:00:00.000Z", 24, 3_600);

  it("selects whole bars in either direction", () => {
    const bounds = { from: Date.parse("2026-11-22T02:00:00Z"), to: Date.parse("2026-11-22T04:00:00Z") };
    expect(boundsOfBuckets(day, 10, 11)).toEqual(bounds);
    expect(boundsOfBuckets(day, 11, 10)).toEqual(bounds);
    expect(rangeBetween(bounds, "Asia/Shanghai")).toEqual({ start: "2026-11-22T10:00:00", end: "2026-11-22T11:59:59" });
  });

  it("across all bars of a day selects that day", () => {
    expect(rangeBetween(boundsOfBuckets(day, 0, 23), "Asia/Shanghai")).toEqual({
      start: "2026-11-22",
      end: "2026-11-22",
    });
  });

  it("never selects more than the displayed range", () => {
    const cut = { ...day, start: "2026-11-21T16:20:00.000Z", end: "2026-11-22T15:40:00.000Z" };
    expect(boundsOfBuckets(cut, 0, 23)).toEqual({ from: Date.parse(cut.start), to: Date.parse(cut.end) });
  });

  it("outside the bars selects the nearest one", () => {
    expect([-5, 0, 9.9, 10, 239, 240, 900].map((x) => bucketAt(x, 240, 24))).toEqual([0, 0, 0, 1, 23, 23, 23]);
    expect(bucketAt(5, 0, 24)).toBe(0);
  });

  it("ends a day with a clock change at the start of the next day", () => {
    const days = { ...histogram("2026-10-24T22:00:00.000Z", 2, 86_400), end: "2026-10-26T23:00:00.000Z" };
    const buckets = days.buckets.map((bucket, index) =>
      index === 1 ? { ...bucket, at: "2026-10-25T23:00:00.000Z" } : bucket,
    );
    const berlin = { ...days, buckets };
    const { from, to } = boundsOfBuckets(berlin, 0, 0);
    expect((to - from) / HOUR_MS).toBe(25);
  });
});

describe("The bars", () => {
  it("are split by status class, with all others combined", () => {
    const by_status = { "1xx": 1, "2xx": 20, "4xx": 4, "7xx": 2 };
    const shown = { ...histogram("2026-11-22T00:00:00Z", 0, 60), buckets: [{ at: "", count: 27, by_status }] };
    expect(countsOf(shown.buckets)).toEqual({ other: 3, good: 20, refused: 4 });
    expect(kindsOf(shown)).toEqual(["refused", "good", "other"]);
  });

  it("of a table without a status have one kind", () => {
    expect(kindsOf(histogram("2026-11-22T00:00:00Z", 3, 60))).toEqual(["rows"]);
    expect(countsOf(histogram("2026-11-22T00:00:00Z", 3, 60).buckets)).toEqual({ rows: 3 });
  });

  it("have a round maximum above the highest bar", () => {
    expect([0, 1, 2, 3, 7, 11, 480, 1_001].map(niceMaximum)).toEqual([1, 1, 2, 3, 8, 20, 500, 2_000]);
  });
});

describe("The times under the bars", () => {
  it("are round in the console's time zone, with the date at the start of a day", () => {
    const shown = histogram("2026-11-22T12:00:00.000Z", 48, 1_800);
    expect(ticksOf(shown.buckets, 1_800, "Asia/Shanghai", 8).map(({ label }) => label)).toEqual([
      "21:00",
      "11-23",
      "03:00",
      "06:00",
      "09:00",
      "12:00",
      "15:00",
      "18:00",
    ]);
  });

  it("never exceed the available number", () => {
    for (const seconds of [1, 5, 30, 60, 300, 1_800, 3_600, 43_200, 86_400, 604_800]) {
      for (const max of [1, 2, 5, 9]) {
        const { buckets } = histogram("2026-10-20T03:00:00.000Z", 120, seconds);
        const ticks = ticksOf(buckets, seconds, "Europe/Berlin", max);
        expect(ticks.length).toBeLessThanOrEqual(max);
      }
    }
  });

  it("are dates for days, and months for years", () => {
    expect(
      ticksOf(histogram("2026-11-01T00:00:00Z", 30, 86_400).buckets, 86_400, "UTC", 3).map(({ label }) => label),
    ).toEqual(["11-01", "11-11", "11-21"]);
    expect(ticksOf(histogram("2025-01-01T00:00:00Z", 60, 604_800).buckets, 604_800, "UTC", 2)[0]?.label).toBe(
      "2025-01",
    );
  });
});
