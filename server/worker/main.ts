import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import type { Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { runMain } from "@/server/process/run-main";
import { patienceAfter, stopSignal } from "@/server/process/stop-signal";
import { deleteExpired } from "@/server/services/accounts";
import { sweepExports } from "@/server/services/exports";
import { foldCounters } from "@/server/services/intake";
import { runJobs } from "@/server/services/jobs";
import { runMonitor } from "@/server/services/leader";
import { startWorkerHeartbeat } from "@/server/services/queues";
import { runScheduler } from "@/server/services/schedules";
import { flushValuesIndexes, refreshStatistics } from "@/server/services/tables";
import { drainQueues } from "./drain";
import { jobWorks } from "./jobs";

/** A batch takes tens of milliseconds; what takes longer than this goes back to its queue. */
const STOP_PATIENCE_MS = 8_000;
const SIGN_OFF_MS = 2_000;
const HOUSEKEEPING_MS = 60_000;

// Let the heap at most double between collections. V8 lets it grow fourfold where memory seems plenty: the
// worker's peak was 260 MB like that, and 196 MB so over 2 million events, for about a tenth more CPU.
setFlagsFromString("--heap-growing-percent=100");

/** `npm run worker`: drains the queues, runs jobs and keeps the schedules until it is told to stop. Any number may run beside each other. */
void runMain(async () => {
  const signal = stopSignal();
  const { context, close } = await openContext("worker");
  const heartbeat = startWorkerHeartbeat(context, { id: randomUUID() });
  const housekeeping = setInterval(() => void keepHouse(context), HOUSEKEEPING_MS);
  try {
    context.log.info({ queue: context.queue.backend }, "worker started");
    process.send?.("ready");
    sweepExports(context).catch((error: unknown) => context.log.warn({ err: error }, "exports folder not swept"));
    const work = Promise.all([
      drainQueues(context, { signal, onActivity: heartbeat.setCurrent, onProgress: heartbeat.stored }),
      runJobs(context, jobWorks, { signal }),
      runScheduler(context, { signal }),
      runMonitor(context, { signal }),
    ]);
    await Promise.race([work, patienceAfter(signal, STOP_PATIENCE_MS)]);
    context.log.info({ reason: signal.reason }, "worker stopped");
  } finally {
    clearInterval(housekeeping);
    // PostgreSQL may not answer; others see by its age that this worker is gone.
    await Promise.race([heartbeat.stop(), sleep(SIGN_OFF_MS, undefined, { ref: false })]);
    await close();
  }
  return 0;
});

async function keepHouse(context: Context): Promise<void> {
  for (const work of [foldCounters, deleteExpired, refreshStatistics, flushValuesIndexes]) {
    await work(context).catch((error: unknown) => context.log.warn({ err: error }, "housekeeping failed"));
  }
}
