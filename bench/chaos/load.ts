import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Random } from "./faults";
import type { Period, Stage } from "./stage";

/** The maximum time for any response, including errors, on an idle machine. */
const ANSWER_MS = 15_000;
const BATCH = 20;

const figures = z.object({
  queue_length: z.number().nullable(),
  in_flight: z.number().nullable(),
  received_total: z.number(),
  inserted_total: z.number(),
  duplicates_total: z.number(),
  dead_total: z.number(),
  dropped_total: z.number(),
});
const queueStatus = z.object({ queues: z.record(z.string(), figures) });
const started = z.object({ job_id: z.string() });

/** A request of access logs that was answered with 200 or 202. */
interface Acknowledged {
  readonly ids: readonly string[];
  /** Whether they were queued rather than stored directly. */
  readonly isQueued: boolean;
  readonly during: Period;
}

/** The results observed by clients. */
export interface Record {
  readonly acknowledged: Acknowledged[];
  readonly jobs: { readonly id: string; readonly kind: string }[];
  /** Violations of the expected behavior. */
  readonly violations: string[];
  requests: number;
  refused: number;
  lastError: string;
}

export interface Client {
  readonly record: Record;
  send(method: string, path: string, options?: { body?: unknown; wait?: number }): Promise<Response | null>;
}

/** Sends requests to the web processes in turn; null if there is no response, for example from a killed process. */
export function makeClient({ webs, key, slowness }: Stage): Client {
  const record: Record = { acknowledged: [], jobs: [], violations: [], requests: 0, refused: 0, lastError: "" };
  const answerMs = Math.ceil(ANSWER_MS * slowness);
  let next = 0;
  return {
    record,
    send: async (method, path, { body, wait } = {}) => {
      const web = webs[next++ % webs.length];
      const startedAt = performance.now();
      record.requests++;
      try {
        const response = await fetch(`${web?.url}/api/v1/batch-processing${path}`, {
          method,
          headers: {
            authorization: `Bearer ${key}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
          },
          body: body === undefined ? undefined : JSON.stringify(body),
          signal: AbortSignal.timeout(2 * answerMs),
        });
        if (response.status >= 500) record.refused++;
        if (response.status === 500)
          record.violations.push(`500 of ${method} ${path}: ${await response.clone().text()}`);
        return response;
      } catch (error) {
        record.refused++;
        record.lastError = `${web?.name}: ${error instanceof Error ? (error.cause ?? error) : error}`;
        return null;
      } finally {
        const seconds = (performance.now() - startedAt) / 1_000;
        if (seconds > answerMs / 1_000) record.violations.push(`${method} ${path} took ${seconds.toFixed(1)} s`);
      }
    },
  };
}

/** Sends access logs until `signal` aborts, alternately through the queue and directly to the table. */
export async function ingest({ send, record }: Client, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    const events = Array.from({ length: BATCH }, () => ({
      id: randomUUID(),
      created_at: new Date().toISOString(),
      ip_address: "203.0.113.7",
      request_path: `/chaos/${round}`,
    }));
    const from = performance.now();
    const response = await send("POST", `/access-logs${round % 3 === 0 ? "?mode=direct" : ""}`, { body: events });
    if (response?.ok) {
      record.acknowledged.push({
        ids: events.map(({ id }) => id),
        isQueued: response.status === 202,
        during: { from, to: performance.now() },
      });
    }
    await response?.body?.cancel();
    await sleep(100);
  }
}

/** Starts a job every few seconds until `signal` aborts. */
export async function startJobs({ send, record }: Client, random: Random, signal: AbortSignal): Promise<void> {
  const requests = [
    ["export", "/export", () => exportOf("csv")],
    ["export", "/export", () => exportOf("excel")],
    ["cleanup", "/cleanup", () => ({ task_type: "user_activities", days_to_keep: 190 + Math.floor(random() * 5) })],
  ] as const;
  while (!signal.aborted) {
    const [kind, path, body] = requests[Math.floor(random() * requests.length)] ?? requests[0];
    const response = await send("POST", path, { body: body(), wait: 0 });
    const job = response?.ok ? started.safeParse(await response.json()) : null;
    if (job?.success) record.jobs.push({ id: job.data.job_id, kind });
    await sleep(4_000);
  }
}

function exportOf(format: "csv" | "excel") {
  const day = new Date().toISOString().slice(0, 10);
  return { export_type: "access_logs", format, start_date: `${day}T00:00:00Z`, end_date: `${day}T23:59:59Z` };
}

/** Monitors the queues until `signal` aborts. @returns the longest time in seconds without progress of a queue */
export async function watchQueues({ send, record }: Client, signal: AbortSignal): Promise<number> {
  let longest = 0;
  const moved = new Map<string, { stored: number; at: number }>();
  while (!signal.aborted) {
    const response = await send("GET", "/queue-status");
    const status = response?.ok ? queueStatus.parse(await response.json()) : null;
    for (const [name, queue] of Object.entries(status?.queues ?? {})) {
      const stored = queue.inserted_total + queue.duplicates_total + queue.dead_total + queue.dropped_total;
      if (queue.in_flight !== null && queue.received_total !== stored + queue.in_flight) {
        record.violations.push(`${name} is unbalanced: ${JSON.stringify(queue)}`);
      }
      const last = moved.get(name);
      const isIdle = queue.queue_length === 0 && queue.in_flight === 0;
      if (!last || isIdle || stored !== last.stored) moved.set(name, { stored, at: performance.now() });
      else longest = Math.max(longest, (performance.now() - last.at) / 1_000);
    }
    await sleep(500);
  }
  return longest;
}
