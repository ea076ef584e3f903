import { setTimeout as sleep } from "node:timers/promises";
import { databaseFailureOf } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { planTasks, startDueTasks } from "./plan";

const CHECK_INTERVAL_MS = 1_000;

/**
 * Starts due tasks until `signal` aborts; any number of processes may call it. Runs missed while no process was running
 * are started once, at the first check.
 */
export async function runScheduler(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  let isPlanned = false;
  while (!signal.aborted) {
    try {
      if (!isPlanned) await planTasks(ctx);
      isPlanned = true;
      await startDueTasks(ctx);
    } catch (error) {
      // An unreachable PostgreSQL is reported by the job runner.
      if (!databaseFailureOf(error)) ctx.log.error({ err: error }, "schedules could not be checked");
    }
    await sleep(CHECK_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}
