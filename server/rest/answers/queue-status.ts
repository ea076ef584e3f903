import { z } from "zod";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { QUEUE_PROBLEMS } from "@/server/catalog/queue-problems";
import { ALERT_STATES, RULE_NAMES } from "@/server/services/alerts";
import type { QueueStatus } from "@/server/services/queues";
import { instant } from "./instant";

const worker = z.object({
  id: z.guid(),
  host: z.string(),
  pid: z.int(),
  started_at: instant,
  last_seen_at: instant,
  current: z.object({ queue: z.enum(LOG_TABLE_NAMES), events: z.int() }).nullable(),
});

const count = z.int().min(0);

const figures = z.object({
  problem: z.enum(QUEUE_PROBLEMS).nullable().describe("What keeps the queue from its work; null when nothing does"),
  refusal: z
    .string()
    .nullable()
    .describe("With refuses_writes: the code of the refusal, such as OOM, READONLY or LOADING"),
  stalled_seconds: z
    .number()
    .min(0)
    .nullable()
    .describe("How long events have waited, or been in flight, with nothing stored; 0 while the queue is paused"),
  queue_length: count
    .nullable()
    .describe("Waiting, without those in flight; null while the queue's store does not answer"),
  in_flight: count.nullable(),
  oldest_age_seconds: z.number().min(0).nullable(),
  paused: z.boolean(),
  batch_size: count,
  received_total: count.describe("inserted_total + duplicates_total + dead_total, and what is in flight"),
  inserted_total: count,
  duplicates_total: count,
  dead_total: count,
  dead_letters: count.describe("Waiting to be mended now"),
  processed_per_second: z.number().min(0),
  failure_rate: z.number().min(0).max(1).describe("dead / processed over the last 5 minutes"),
  drain_seconds_estimate: z.number().min(0).nullable(),
});

const queues = Object.fromEntries(LOG_TABLE_NAMES.map((name) => [name, figures])) as Record<
  LogTableName,
  typeof figures
>;

/** The answer to GET /queue-status. */
export const queueStatusAnswer = z.object({
  status: z.enum(["healthy", "degraded", "down"]),
  backend: z.enum(["redis", "postgres"]),
  workers: z.array(worker),
  queues: z.object(queues),
  alerts: z.array(
    z.object({
      id: z.guid(),
      rule: z.enum(RULE_NAMES),
      subject: z.string().describe("What of: a queue, a task, a disk; empty where there is one only"),
      state: z.enum(ALERT_STATES),
      severity: z.enum(["warning", "critical"]),
      value: z.number(),
      threshold: z.number(),
      since: instant,
      message: z.string(),
    }),
  ),
}) satisfies z.ZodType<QueueStatus>;

/** The answer to POST /queues/NAME/pause and /resume. */
export const queuePausedAnswer = z.object({ queue: z.enum(LOG_TABLE_NAMES), paused: z.boolean() });
