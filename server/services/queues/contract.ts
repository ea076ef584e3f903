import { z } from "zod";
import { LOG_TABLE_NAMES, mapLogTables } from "@/server/catalog";
import { storedError } from "@/server/catalog/errors";
import { QUEUE_PROBLEMS } from "@/server/catalog/queue-problems";
import { count, instant, nullableRenderedErrorFields, wholeNumber } from "@/server/lib/contract";
import { alert, openAlert } from "@/server/services/alerts/contract";
import { queueHistory } from "@/server/services/intake/contract";

const queue = z.enum(LOG_TABLE_NAMES);
const activity = z.object({ queue, events: z.int() });
export type WorkerActivity = z.infer<typeof activity>;

const worker = z.object({
  id: z.guid(),
  host: z.string(),
  pid: z.int(),
  started_at: instant,
  last_seen_at: instant,
  current: activity.nullable(),
});
export type WorkerStatus = z.infer<typeof worker>;

const collector = z.object({
  host: z.string(),
  port: z.int(),
  started_at: instant,
  last_seen_at: instant,
  is_alive: z.boolean().describe("False for a collector that ended without having been stopped, for a day"),
});
export type CollectorStatus = z.infer<typeof collector>;

const figures = z.object({
  problem: z.enum(QUEUE_PROBLEMS).nullable().describe("What blocks the queue; null when nothing does"),
  refusal: z
    .string()
    .nullable()
    .describe("With refuses_writes: the error code of the queue store, such as OOM, READONLY or LOADING"),
  stalled_seconds: z
    .number()
    .min(0)
    .nullable()
    .describe("How long events have been queued or in flight with nothing stored; 0 while the queue is paused"),
  queue_length: count
    .nullable()
    .describe("Queued events, without those in flight; null while the queue store does not respond"),
  in_flight: count.nullable(),
  oldest_age_seconds: z.number().min(0).nullable(),
  paused: z.boolean(),
  paused_at: instant.nullable().describe("Since when the queue is paused; null while it is not"),
  paused_by: z.string().nullable().describe("Who paused it; null while it is not paused"),
  mapping: z
    .string()
    .nullable()
    .describe("The mapping that events of producers are read with; null: they have the names of columns"),
  batch_size: count,
  received_total: count.describe(
    "inserted_total + duplicates_total + dead_total + dropped_total, plus events in flight",
  ),
  inserted_total: count,
  duplicates_total: count,
  dead_total: count,
  dropped_total: count.describe("Events that an intake rule dropped"),
  dead_letters: count.describe("Dead letters that currently await review"),
  processed_per_second: z.number().min(0),
  failure_rate: z
    .number()
    .min(0)
    .max(1)
    .describe("dead / processed over the last 5 minutes; 0 when nothing was processed"),
  drain_seconds_estimate: z
    .number()
    .min(0)
    .nullable()
    .describe("Estimated seconds until the queue is empty without new events; null while nothing is processed"),
});
export type QueueFigures = z.infer<typeof figures>;

const queueStatus = z.object({
  status: z.enum(["healthy", "degraded", "down"]),
  backend: z.enum(["redis", "postgres"]),
  workers: z.array(worker),
  collectors: z.array(collector).describe("Processes that receive syslog"),
  queues: z.object(mapLogTables(() => figures)),
});
export type QueueStatus = z.infer<typeof queueStatus>;

export const queueStatusAnswer = queueStatus.extend({ alerts: z.array(openAlert) });

const queueOverview = z.object({
  status: queueStatus,
  history: z.array(queueHistory),
  alerts: z.array(alert).describe("Firing and acknowledged"),
});
export type QueueOverview = z.infer<typeof queueOverview>;

/** Whether the processing of a queue is paused. */
export const queuePaused = z.strictObject({ queue, paused: z.boolean() });
export const queueAction = z.strictObject({ name: queue, action: z.enum(["pause", "resume"]) });

const map = z
  .string()
  .min(1)
  .max(8_192)
  .describe(
    "The name of a mapping (with its version: edge@3) or preset, an nginx log_format, an Apache LogFormat, or column=path:unit pairs",
  );
export const queueKey = z.strictObject({ name: queue });
export const queueMappingChange = z.strictObject({
  map: map.nullable().describe("Null: events have the names of columns"),
});
export const queueMappingKey = z.strictObject({ queue });
export const queueMappingInput = queueMappingChange.extend({ queue });

const mappingVersion = z.object({
  version: z.int(),
  mapping: z.string().nullable().describe("The mapping's name with its version, or the expression; null for none"),
  expression: z.string().nullable(),
  changed_at: instant,
  changed_by: z.string(),
});
/** The mapping of a queue, with its previous ones. */
export const queueMapping = z.object({
  queue,
  mapping: mappingVersion.shape.mapping,
  expression: mappingVersion.shape.expression,
  versions: z.array(mappingVersion).describe("The last 50, newest first; the first is in use"),
});
export type QueueMapping = z.infer<typeof queueMapping>;

const MAX_PEEKED = 100;
const peekLimit = wholeNumber(1, MAX_PEEKED).default(20);
export const peekQuery = z.strictObject({ limit: peekLimit });
export const peekInput = z.strictObject({ queue, limit: peekLimit });
export const mappingPreviewQuery = queueMappingChange.extend({ limit: peekLimit });
export const mappingPreviewInput = mappingPreviewQuery.extend({ queue });

const waitingEvent = z.object({
  position: z.int().describe("1: the next one"),
  size_bytes: count.nullable().describe("Null for masked events"),
  waiting_seconds: z.number().min(0).nullable().describe("Null for a queue in Redis, which records no times"),
  outcome: z.enum(["row", "dead_letter", "dropped"]).describe("What a worker makes of it; a row may be a duplicate"),
  error: storedError.nullable().describe("Why it becomes a dead letter"),
  dropped_by: z.string().nullable().describe("The intake rule that drops it"),
  row: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe("The row that it becomes; null for other events, and where columns are masked"),
  payload: z.string().describe("Its text, redacted by intake rules, up to 2,000 characters"),
  payload_truncated: z.boolean(),
});
const waitingEvents = z.object({ queue, items: z.array(waitingEvent).describe("The next ones first") });
export type WaitingEvents = z.infer<typeof waitingEvents>;
/** The REST response. */
export const waitingEventsAnswer = waitingEvents.extend({
  items: z.array(waitingEvent.extend(nullableRenderedErrorFields)),
});
