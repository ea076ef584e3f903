import { setTimeout as sleep } from "node:timers/promises";
import { databaseTrouble } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { beginDueTasks, planTasks } from "./plan";

const LOOK_MS = 1_000;

/**
 * Begins what is due, until `signal`; any number of processes may do so. What came due while none was there is
 * begun once, at the first look.
 */
export async function keepSchedules(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  let isPlanned = false;
  while (!signal.aborted) {
    try {
      if (!isPlanned) await planTasks(ctx);
      isPlanned = true;
      await beginDueTasks(ctx);
    } catch (error) {
      // That PostgreSQL is away, the job runner beside us tells.
      if (!databaseTrouble(error)) ctx.log.error({ err: error }, "could not look at the schedules");
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
