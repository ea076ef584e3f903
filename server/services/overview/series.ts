import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { DURATION_BOUNDS } from "@/server/process/counts";
import { quantileOf } from "@/server/services/metrics";
import { availableStep } from "./available-step";
import type { Series, SeriesPoint, Step } from "./contract";
import { byPeriod, grainOf, periodsOf, type Range, stepStart } from "./periods";
import { readOnly } from "./read-only";

const GAUGES = [
  "queue_length",
  "oldest_age_seconds",
  "table_bytes",
  "index_bytes",
  "database_bytes",
  "disk_used",
  "connections",
  "longest_query_seconds",
];
const COUNTS = ["events_received", "events_inserted", "events_duplicates", "events_dead", "cache_hit", "cache_miss"];

/** Metrics with several values per point. */
const LABELLED = ["queue_length", "table_bytes", "index_bytes", "latency_bucket"];

interface Row {
  readonly at: string;
  readonly name: string;
  readonly label: string;
  readonly sum: number;
  readonly max: number;
}

/** Reads metrics over time from the roll-ups. */
export async function metricSeries(ctx: Context, range: Range): Promise<Series> {
  const step = availableStep(ctx, range);
  const { periods, rows } = await readOnly(ctx, async (tx) => {
    const { timeZone } = ctx.config;
    const periods = await periodsOf(tx, timeZone, range, step);
    const whole = { start: periods[0] ?? range.start, end: periods.at(-1) ?? range.end };
    return { periods, rows: await readMetrics(tx, timeZone, whole, step) };
  });
  const found = byPeriod(rows);
  const points = periods.slice(0, -1).map((at, index) => {
    const end = periods[index + 1] ?? range.end;
    return pointOf(at, end, found.get(at) ?? [], ctx.now());
  });
  return { step, points };
}

async function readMetrics(tx: Transaction, timeZone: string, { start, end }: Range, step: Step): Promise<Row[]> {
  return await tx<Row[]>`
    select
      ${stepStart(tx, timeZone, step)} as at,
      name,
      case when name = any(${LABELLED}::text[]) then label else '' end as label,
      sum(sum)::float8 as sum,
      max(max)::float8 as max
    from metrics
    where grain = ${grainOf(step)} and at >= ${start} and at < ${end}
      and name = any(${[...GAUGES, ...COUNTS, "latency_bucket"]}::text[])
    group by 1, 2, 3`;
}

function pointOf(at: Instant, end: Instant, rows: readonly Row[], now: Date): SeriesPoint {
  const seconds = Math.max(1, (Math.min(Date.parse(end), now.getTime()) - Date.parse(at)) / 1_000);
  const own = (name: string) => rows.filter((row) => row.name === name);
  const counted = (name: string) => (own(name).length === 0 ? null : own(name).reduce((sum, row) => sum + row.sum, 0));
  const max = (name: string, label?: string) => {
    const found = own(name).filter((row) => label === undefined || row.label === label);
    return found.length === 0 ? null : Math.max(...found.map((row) => row.max));
  };
  const perSecond = (name: string) => {
    const events = counted(name);
    return events === null ? null : events / seconds;
  };
  const byTable = (value: (table: LogTableName) => number | null) =>
    Object.fromEntries(LOG_TABLE_NAMES.map((table) => [table, value(table)])) as Record<LogTableName, number | null>;
  const [received, dead] = [counted("events_received"), counted("events_dead")];
  const [hits, misses] = [counted("cache_hit") ?? 0, counted("cache_miss") ?? 0];
  return {
    at,
    end,
    received: perSecond("events_received"),
    inserted: perSecond("events_inserted"),
    duplicates: perSecond("events_duplicates"),
    dead: perSecond("events_dead"),
    failure_rate: received === null || received === 0 ? null : (dead ?? 0) / received,
    queue_length: byTable((table) => max("queue_length", table)),
    oldest_age_seconds: max("oldest_age_seconds"),
    request_p95: p95(own("latency_bucket"), "request"),
    batch_p95: p95(own("latency_bucket"), "batch"),
    table_bytes: byTable((table) => {
      const [rowsBytes, indexBytes] = [max("table_bytes", table), max("index_bytes", table)];
      return rowsBytes === null ? null : rowsBytes + (indexBytes ?? 0);
    }),
    database_bytes: max("database_bytes"),
    disk_used: max("disk_used"),
    cache_hit_rate: hits + misses === 0 ? null : hits / (hits + misses),
    connections: max("connections"),
    longest_query_seconds: max("longest_query_seconds"),
  };
}

function p95(rows: readonly Row[], kind: "request" | "batch"): number | null {
  const counts = rows.flatMap(({ label, sum }) => {
    const [of, bucket] = label.split("|");
    return of === kind ? [{ bucket: Number(bucket), count: sum }] : [];
  });
  if (counts.length === 0) return null;
  return quantileOf(counts, DURATION_BOUNDS, 0.95) ?? DURATION_BOUNDS.at(-1) ?? null;
}
