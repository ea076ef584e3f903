import type { Bounds } from "../../time-range/bounds";

export interface Bucket {
  /** The inclusive start, ISO 8601 UTC. The bucket ends where the next one starts. */
  at: string;
  count: number;
  /** By status class, `2xx`, or `none`; only for tables with a status. */
  by_status?: Readonly<Record<string, number>>;
}

export interface Histogram {
  start: string;
  /** Exclusive. */
  end: string;
  bucket_seconds: number;
  is_exact: boolean;
  total: number;
  buckets: readonly Bucket[];
}

/** The stacked kinds of a bar from the bottom. Errors are at the base line, where they are easiest to compare. */
export const STATUS_KINDS = ["failed", "refused", "moved", "good", "other", "none"] as const;

export type Kind = (typeof STATUS_KINDS)[number] | "rows";

const KIND_OF_CLASS: Readonly<Record<string, Kind>> = {
  "5xx": "failed",
  "4xx": "refused",
  "3xx": "moved",
  "2xx": "good",
  none: "none",
};

export type Counts = Partial<Record<Kind, number>>;

/** Returns the total rows of several buckets by kind. */
export function countsOf(buckets: readonly Bucket[]): Counts {
  const counts: Counts = {};
  for (const bucket of buckets) {
    for (const [name, count] of Object.entries(bucket.by_status ?? { rows: bucket.count })) {
      const kind = bucket.by_status ? (KIND_OF_CLASS[name] ?? "other") : "rows";
      counts[kind] = (counts[kind] ?? 0) + count;
    }
  }
  return counts;
}

/** Returns the kinds that occur, in the order of a bar. */
export function kindsOf(histogram: Histogram): Kind[] {
  if (histogram.buckets.every((bucket) => bucket.by_status === undefined)) return ["rows"];
  const counts = countsOf(histogram.buckets);
  return STATUS_KINDS.filter((kind) => (counts[kind] ?? 0) > 0);
}

/** Returns the index of the bucket at `x` of a chart with `width`, or of the nearest bucket if `x` is outside. */
export function bucketAt(x: number, width: number, buckets: number): number {
  if (width <= 0) return 0;
  return Math.max(0, Math.min(buckets - 1, Math.floor((x / width) * buckets)));
}

/** Returns the time from the start of one bucket to the end of another, in either order, within the requested range. */
export function boundsOfBuckets({ start, end, buckets }: Histogram, one: number, other: number): Bounds {
  const first = buckets[Math.min(one, other)];
  const next = buckets[Math.max(one, other) + 1];
  const from = Math.max(Date.parse(first?.at ?? start), Date.parse(start));
  return { from, to: Math.min(Date.parse(next?.at ?? end), Date.parse(end)) };
}

/** Returns where a time is in the chart, from 0 at its start to 1 at its end, which outside times have too. */
export function positionOf(time: number, { end, buckets }: Histogram): number {
  const index = buckets.findLastIndex(({ at }) => Date.parse(at) <= time);
  const bucket = buckets[index];
  if (!bucket) return 0;
  const from = Date.parse(bucket.at);
  const to = Date.parse(buckets[index + 1]?.at ?? end);
  return Math.min(1, (index + Math.min(1, (time - from) / Math.max(1, to - from))) / buckets.length);
}

/** Returns the smallest round number that is not below any bar. */
export function niceMaximum(highest: number): number {
  if (highest <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  const factor = [1, 2, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= highest) ?? 10;
  return factor * power;
}
