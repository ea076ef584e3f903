import { Counter, Gauge, Registry } from "prom-client";
import { processMetrics } from "@/server/process/counts";
import type { WorkerState } from "@/server/services/queues";

const PREFIX = "batch_console_worker_";

/** Renders /metrics of a worker: figures of this process. @param state undefined while it starts */
export async function workerMetricsText(state?: WorkerState): Promise<{ text: string; contentType: string }> {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["queue"];
  if (state) {
    if (state.heartbeatAgeSeconds !== null) {
      const help = "Time since this worker recorded a heartbeat in PostgreSQL.";
      new Gauge({ name: `${PREFIX}heartbeat_age_seconds`, help, registers }).set(state.heartbeatAgeSeconds);
    }
    const total = new Counter({
      name: `${PREFIX}batches_total`,
      help: "Batches that this worker stored.",
      labelNames,
      registers,
    });
    const idle = new Gauge({
      name: `${PREFIX}idle_seconds`,
      help: "Time since this worker stored a batch, or since its start.",
      labelNames,
      registers,
    });
    for (const [queue, { batches, idleSeconds }] of state.queues) {
      total.inc({ queue }, batches);
      idle.set({ queue }, idleSeconds);
    }
  }
  const whole = Registry.merge([registry, processMetrics()]);
  return { text: await whole.metrics(), contentType: whole.contentType };
}
