import type { TimePoint } from "../charts/time-point";

/** More bars would be narrower than 4 pixels on a phone. */
const MAX_BARS = 64;
/** Points per bar: divisors of a day of hours, then of longer times. */
const SIZES = [1, 2, 3, 4, 6, 12, 24, 48];

/** Adds up the counts of successive points, so that a chart has at most MAX_BARS bars. */
export function mergedTo(points: readonly TimePoint[]): TimePoint[] {
  const size = SIZES.find((perBar) => points.length / perBar <= MAX_BARS) ?? SIZES.at(-1) ?? 1;
  return points.flatMap((first, index) => {
    if (index % size > 0) return [];
    const all = points.slice(index, index + size);
    const { at, end: _, ...counts } = first;
    const names = Object.keys(counts);
    return [
      { at, end: all.at(-1)?.end ?? first.end, ...Object.fromEntries(names.map((name) => [name, sumOf(all, name)])) },
    ];
  });
}

function sumOf(points: readonly TimePoint[], name: string): number | null {
  return points.reduce<number | null>((sum, { [name]: value }) => {
    return typeof value === "number" ? (sum ?? 0) + value : sum;
  }, null);
}
