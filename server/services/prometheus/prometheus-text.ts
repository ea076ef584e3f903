import { Counter, Gauge, Registry } from "prom-client";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { processMetrics } from "@/server/process/counts";
import { listAlerts } from "@/server/services/alerts";
import { checkHealth } from "@/server/services/health";
import { latestReadings } from "@/server/services/metrics";
import { queueStatus } from "@/server/services/queues";
import { addSegmentGauges } from "./segment-gauges";
import { durationTotals, indexScans } from "./totals";

const PREFIX = "batch_console_";

/** The Prometheus name and label of each collected gauge. */
const READINGS: Readonly<Record<string, readonly [name: string, help: string, label?: string]>> = {
  connections: ["database_connections", "Connections to the database."],
  longest_query_seconds: ["database_longest_query_seconds", "Duration of the longest running statement."],
  database_bytes: ["database_size_bytes", "Size of the database."],
  buffer_hit_ratio: ["database_buffer_hit_ratio", "Share of blocks that PostgreSQL found in memory."],
  disk_used: ["disk_used_ratio", "Share of the disk that is used.", "disk"],
  disk_free_bytes: ["disk_free_bytes", "Free bytes of the disk.", "disk"],
  disk_total_bytes: ["disk_size_bytes", "Size of the disk.", "disk"],
  table_bytes: ["table_size_bytes", "Size of a log table without its indexes.", "table"],
  index_bytes: ["table_index_size_bytes", "Size of a log table's indexes.", "table"],
  table_rows: ["table_rows", "Rows of a log table, from PostgreSQL's statistics.", "table"],
  dead_rows: ["table_dead_rows", "Dead rows of a log table, to be removed by vacuum.", "table"],
};

/** Renders /api/metrics: figures of the installation and of this process. */
export async function prometheusText(ctx: Context): Promise<{ text: string; contentType: string }> {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });

  const [status, health, readings, alerts, durations, scans] = await Promise.all([
    queueStatus(ctx),
    checkHealth(ctx),
    latestReadings(ctx),
    listAlerts(ctx, { state: "open" }),
    durationTotals(ctx, PREFIX),
    indexScans(ctx),
  ]);

  const up = gauge("up", "Whether a component is healthy: 1 or 0.", ["part"]);
  for (const [part, { state }] of Object.entries(health.parts)) up.set({ part }, state === "ok" ? 1 : 0);
  gauge("workers", "Active workers.").set(status.workers.length);

  const received = counter("events_received_total", "Events received.", ["queue"]);
  const inserted = counter("events_inserted_total", "Events inserted as rows.", ["queue"]);
  const duplicates = counter("events_duplicate_total", "Duplicate events, which were skipped.", ["queue"]);
  const dropped = counter("events_dropped_total", "Events that an intake rule dropped.", ["queue"]);
  const dead = gauge("events_dead", "Events that failed validation; decreases when they are replayed.", ["queue"]);
  const length = gauge("queue_length", "Queued events.", ["queue"]);
  const inFlight = gauge("queue_in_flight", "Events claimed by a worker.", ["queue"]);
  const oldest = gauge("queue_oldest_age_seconds", "Age of the oldest queued event.", ["queue"]);
  const failures = gauge("queue_failure_ratio", "Share of processed events that failed, over the last 5 minutes.", [
    "queue",
  ]);
  const paused = gauge("queue_paused", "Whether the queue is paused: 1 or 0.", ["queue"]);
  for (const queue of LOG_TABLE_NAMES) {
    const figures = status.queues[queue];
    // Without events in flight it would decrease, which Prometheus treats as a counter reset.
    if (figures.in_flight !== null) received.inc({ queue }, figures.received_total);
    inserted.inc({ queue }, figures.inserted_total);
    duplicates.inc({ queue }, figures.duplicates_total);
    dropped.inc({ queue }, figures.dropped_total);
    dead.set({ queue }, figures.dead_total);
    if (figures.queue_length !== null) length.set({ queue }, figures.queue_length);
    if (figures.in_flight !== null) inFlight.set({ queue }, figures.in_flight);
    if (figures.queue_length !== null) oldest.set({ queue }, figures.oldest_age_seconds ?? 0);
    failures.set({ queue }, figures.failure_rate);
    paused.set({ queue }, figures.paused ? 1 : 0);
  }

  for (const [key, [name, help, labelName]] of Object.entries(READINGS)) {
    const known = gauge(name, help, labelName ? [labelName] : []);
    for (const { label, value } of readings.filter((reading) => reading.name === key)) {
      if (labelName) known.set({ [labelName]: label }, value);
      else known.set(value);
    }
  }

  const scanned = counter("index_scans_total", "Scans of a partition's index.", ["table", "index", "partition"]);
  for (const { count, ...labels } of scans) scanned.inc(labels, count);

  const open = gauge("alerts", "Alerts that are not resolved.", ["rule", "subject", "severity", "state"]);
  for (const { rule, subject, severity, state } of alerts.items) open.set({ rule, subject, severity, state }, 1);

  await addSegmentGauges(ctx, registry, PREFIX);

  const whole = Registry.merge([registry, durations, processMetrics()]);
  return { text: await whole.metrics(), contentType: whole.contentType };
}
