import type { Context } from "@/server/process/context";
import { DURATION_BOUNDS } from "@/server/process/counts";
import { quantileOf } from "@/server/services/metrics";
import type { QueuePoint, Series, ServicePoint, StoragePoint } from "./contract";
import type { Range } from "./periods";
import { metricSeries, type Readings, rounded } from "./series";

const QUEUES = [
  "events_received",
  "events_inserted",
  "events_duplicates",
  "events_dead",
  "events_dropped",
  "queue_length",
  "oldest_age_seconds",
];
const SERVICE = ["latency_bucket", "cache_hit", "cache_miss", "connections", "longest_query_seconds"];
const STORAGE = ["table_bytes", "index_bytes", "disk_used"];

/** Backlog, throughput and failures over time. */
export async function queueSeries(ctx: Context, range: Range): Promise<Series<QueuePoint>> {
  return await metricSeries(ctx, range, QUEUES, ({ at, end, sum, max, perSecond, byTable }) => {
    const received = sum("events_received");
    return {
      at,
      end,
      inserted: perSecond("events_inserted"),
      duplicates: perSecond("events_duplicates"),
      dead: perSecond("events_dead"),
      dropped: perSecond("events_dropped"),
      failure_rate: received === null || received === 0 ? null : rounded((sum("events_dead") ?? 0) / received),
      queue_length: byTable((table) => max("queue_length", table)),
      oldest_age_seconds: max("oldest_age_seconds"),
    };
  });
}

/** Latency, cache and connections over time. */
export async function serviceSeries(ctx: Context, range: Range): Promise<Series<ServicePoint>> {
  return await metricSeries(ctx, range, SERVICE, ({ at, end, sum, max, labels }) => {
    const [hits, misses] = [sum("cache_hit") ?? 0, sum("cache_miss") ?? 0];
    return {
      at,
      end,
      request_p95: p95(labels("latency_bucket"), "request"),
      batch_p95: p95(labels("latency_bucket"), "batch"),
      cache_hit_rate: hits + misses === 0 ? null : rounded(hits / (hits + misses)),
      connections: max("connections"),
      longest_query_seconds: max("longest_query_seconds"),
    };
  });
}

/** Sizes of tables and use of the disk over time. */
export async function storageSeries(ctx: Context, range: Range): Promise<Series<StoragePoint>> {
  return await metricSeries(ctx, range, STORAGE, ({ at, end, max, byTable }) => ({
    at,
    end,
    table_bytes: byTable((table) => {
      const [rows, indexes] = [max("table_bytes", table), max("index_bytes", table)];
      return rows === null ? null : rows + (indexes ?? 0);
    }),
    disk_used: max("disk_used"),
  }));
}

function p95(rows: ReturnType<Readings["labels"]>, kind: "request" | "batch"): number | null {
  const counts = rows.flatMap(({ label, sum }) => {
    const [of, bucket] = label.split("|");
    return of === kind ? [{ bucket: Number(bucket), count: sum }] : [];
  });
  if (counts.length === 0) return null;
  const found = quantileOf(counts, DURATION_BOUNDS, 0.95) ?? DURATION_BOUNDS.at(-1);
  return found === undefined ? null : rounded(found);
}
