import type { SqlExecutor } from "@/server/db/client";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { DURATION_BOUNDS } from "@/server/process/counts";

export interface Reading {
  readonly name: string;
  readonly label: string;
  readonly value: number;
}

/** The newest reading of each gauge in the last ten minutes. */
export async function latestReadings(ctx: Context): Promise<Reading[]> {
  return await ctx.db.sql<Reading[]>`
    select distinct on (name, label) name, label, sum / count as value
    from metrics
    where grain = 'minute' and at > now() - interval '10 minutes' and count > 0
      and name not like 'duration%' and name not like 'latency%' and name not like 'events%' and name not like 'cache%' and name <> 'job_seconds'
    order by name, label, at desc`;
}

export interface Quantile {
  /** `trpc logs.list`, `rest GET /{table}`, `batch access_logs`. */
  readonly label: string;
  readonly calls: number;
  /** Seconds; capped at the longest duration. */
  readonly seconds: number;
  readonly mean: number;
  readonly max: number;
}

/** Whole minutes, hours or days. */
export interface Span {
  readonly grain: "minute" | "hour" | "day";
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

export function lastMinutes(ctx: Context, minutes: number): Span {
  const now = ctx.now().getTime();
  return {
    grain: "minute",
    from: instantOf(new Date(now - minutes * 60_000)),
    to: instantOf(new Date(now + 60_000)),
  };
}

/** The quantile of call durations in `span`, by call. */
export async function durationQuantiles(sql: SqlExecutor, span: Span, share: number): Promise<Quantile[]> {
  const rows = await sql<{ name: string; label: string; count: number; sum: number; max: number }[]>`
    select name, label, sum(count)::float8 as count, sum(sum) as sum, max(max) as max
    from metrics
    where name in ('duration', 'duration_bucket') and grain = ${span.grain} and at >= ${span.from} and at < ${span.to}
    group by name, label
    order by name, label`;
  const buckets = new Map<string, { bucket: number; count: number }[]>();
  for (const row of rows.filter(({ name }) => name === "duration_bucket")) {
    const [label = "", bucket] = row.label.split("|");
    buckets.set(label, [...(buckets.get(label) ?? []), { bucket: Number(bucket), count: row.count }]);
  }
  return rows
    .filter(({ name }) => name === "duration")
    .map(({ label, count, sum, max }) => {
      const seconds = quantileOf(buckets.get(label) ?? [], DURATION_BOUNDS, share);
      return { label, calls: count, seconds: Math.min(seconds ?? max, max), mean: sum / count, max };
    });
}

/**
 * Computes a quantile from bucket counts by linear interpolation, as Prometheus's histogram_quantile does.
 * @param bounds the buckets' upper bounds; the last bucket is unbounded
 * @returns null when it falls in the unbounded bucket
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
