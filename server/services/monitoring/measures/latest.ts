import type { Context } from "@/server/context";
import { DURATION_BOUNDS } from "@/server/tally";

export interface Reading {
  readonly name: string;
  readonly label: string;
  readonly value: number;
}

/** The newest reading of each measure of the last ten minutes, without those that are sums of events. */
export async function latestReadings(ctx: Context): Promise<Reading[]> {
  return await ctx.db.sql<Reading[]>`
    select distinct on (name, label) name, label, sum / count as value
    from measures
    where grain = 'minute' and at > now() - interval '10 minutes' and count > 0
      and name not like 'duration%' and name not like 'events%' and name not like 'cache%' and name <> 'job_seconds'
    order by name, label, at desc`;
}

export interface Quantile {
  /** `trpc logs.list`, `rest GET /access-logs`, `batch access_logs`. */
  readonly label: string;
  readonly calls: number;
  /** Seconds; the longest time where that is less than the bucket's end. */
  readonly seconds: number;
}

/** The time that a share of calls of the last minutes stayed below, by what was called. */
export async function durationQuantiles(ctx: Context, minutes: number, share: number): Promise<Quantile[]> {
  const rows = await ctx.db.sql<{ label: string; bucket: number; calls: number; most: number }[]>`
    select
      split_part(buckets.label, '|', 1) as label,
      split_part(buckets.label, '|', 2)::int as bucket,
      sum(buckets.count)::float8 as calls,
      coalesce(max(timer.most), 0) as most
    from measures as buckets
    left join measures as timer
      on timer.grain = buckets.grain and timer.at = buckets.at and timer.name = 'duration'
      and timer.label = split_part(buckets.label, '|', 1)
    where buckets.name = 'duration_bucket' and buckets.grain = 'minute'
      and buckets.at > now() - make_interval(mins => ${minutes}::int)
    group by 1, 2
    order by 1, 2`;
  const labels = [...new Set(rows.map(({ label }) => label))];
  return labels.map((label) => {
    const own = rows.filter((row) => row.label === label);
    const calls = own.reduce((sum, row) => sum + row.calls, 0);
    const most = Math.max(...own.map((row) => row.most));
    const seconds = quantileOf(
      own.map(({ bucket, calls: count }) => ({ bucket, count })),
      DURATION_BOUNDS,
      share,
    );
    return { label, calls, seconds: Math.min(seconds ?? most, most) };
  });
}

/**
 * The value that `share` of what was counted in buckets stayed below, as if spread evenly in its bucket, as
 * Prometheus's histogram_quantile does.
 * @param bounds the buckets' upper ends, of which the last has none
 * @returns null when it is in the bucket without an end
 */
export function quantileOf(
  counts: readonly { readonly bucket: number; readonly count: number }[],
  bounds: readonly number[],
  share: number,
): number | null {
  const rank = share * counts.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  for (const { bucket, count } of counts.toSorted((a, b) => a.bucket - b.bucket)) {
    if (below + count >= rank && count > 0) {
      const end = bounds[bucket];
      if (end === undefined) return null;
      const start = bounds[bucket - 1] ?? 0;
      return start + (end - start) * Math.max(0, (rank - below) / count);
    }
    below += count;
  }
  return 0;
}
