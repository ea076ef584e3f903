import type { Context } from "@/server/process/context";
import { type Timer, takeTally } from "@/server/process/counts";

export interface GaugeReading {
  readonly name: string;
  readonly label?: string;
  readonly value: number;
}

/** The minute of `now`, ISO 8601. */
export function minuteOf(now: Date): string {
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000).toISOString();
}

/** Stores gauge readings of a minute. Existing ones are not replaced: a reading belongs to one moment. */
export async function writeReadings(ctx: Context, at: string, readings: readonly GaugeReading[]): Promise<void> {
  await ctx.db.sql`
    insert into metrics (grain, at, name, label, count, sum, min, max)
    select 'minute', ${at}, name, label, 1, value, value, value
    from unnest(
      ${readings.map(({ name }) => name)}::text[],
      ${readings.map(({ label }) => label ?? "")}::text[],
      ${readings.map(({ value }) => value)}::float8[]
    ) as reading (name, label, value)
    on conflict do nothing`;
}

interface MetricRow {
  readonly grain: "minute" | "total";
  readonly name: string;
  readonly label: string;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Adds this process's counts to the current minute, and those that Prometheus exposes as counters to their totals.
 * Other processes add to the same rows. Counts that fail to be written are dropped rather than retried: they may
 * already be stored.
 */
export async function writeCounts(ctx: Context): Promise<void> {
  const { timers, counts } = takeTally();
  const rows = [...timers].flatMap(([label, timer]): MetricRow[] => {
    const [kind, name = ""] = label.split(" ", 2);
    if (kind === "job") return [timed("minute", "job_seconds", name, timer), ...histogram("total", label, timer)];
    return [...histogram("minute", label, timer), ...(kind === "batch" ? histogram("total", label, timer) : [])];
  });
  for (const [label, count] of latencies(timers)) rows.push(counted("minute", "latency_bucket", label, count));
  for (const [name, count] of counts) rows.push(counted("minute", name, "", count));
  if (rows.length === 0) return;
  // One order everywhere, so that processes which write the same rows do not deadlock.
  rows.sort((a, b) => (a.grain + a.name + a.label < b.grain + b.name + b.label ? -1 : 1));
  await ctx.db.sql`
    insert into metrics as known (grain, at, name, label, count, sum, min, max)
    select grain, case grain when 'total' then 'epoch' else ${minuteOf(ctx.now())}::timestamptz end,
      name, label, count, sum, min, max
    from unnest(
      ${rows.map(({ grain }) => grain)}::text[],
      ${rows.map(({ name }) => name)}::text[],
      ${rows.map(({ label }) => label)}::text[],
      ${rows.map(({ count }) => count)}::bigint[],
      ${rows.map(({ sum }) => sum)}::float8[],
      ${rows.map(({ min }) => min)}::float8[],
      ${rows.map(({ max }) => max)}::float8[]
    ) as added (grain, name, label, count, sum, min, max)
    on conflict (grain, at, name, label) do update set
      count = known.count + excluded.count,
      sum = known.sum + excluded.sum,
      min = least(known.min, excluded.min),
      max = greatest(known.max, excluded.max)`;
}

function timed(grain: MetricRow["grain"], name: string, label: string, { count, sum, min, max }: Timer): MetricRow {
  return { grain, name, label, count, sum, min, max };
}

function counted(grain: MetricRow["grain"], name: string, label: string, count: number): MetricRow {
  return { grain, name, label, count, sum: count, min: count, max: count };
}

function histogram(grain: MetricRow["grain"], label: string, timer: Timer): MetricRow[] {
  return [
    timed(grain, "duration", label, timer),
    ...timer.buckets.flatMap((count, bucket) =>
      count > 0 ? [counted(grain, "duration_bucket", `${label}|${bucket}`, count)] : [],
    ),
  ];
}

/** Calls by kind and bucket only, so that charts of a day read few rows. */
function latencies(timers: ReadonlyMap<string, Timer>): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  for (const [name, { buckets }] of timers) {
    if (name.startsWith("job ")) continue;
    const kind = name.startsWith("batch ") ? "batch" : "request";
    for (const [bucket, count] of buckets.entries()) {
      const label = `${kind}|${bucket}`;
      if (count > 0) calls.set(label, (calls.get(label) ?? 0) + count);
    }
  }
  return calls;
}
