import { setTimeout as sleep } from "node:timers/promises";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/process/context";

const CHECK_INTERVAL_MS = 250;
/** The share of time that deletes may use while events are queued. */
const MAX_SHARE_UNDER_LOAD = 0.25;

/**
 * Creates a function that pauses between two batches: not at all while the queues are empty, otherwise long enough to
 * leave most of the capacity to intake.
 */
export function makeIntakeThrottle(ctx: Context, signal: AbortSignal): (batchMs: number) => Promise<void> {
  let checkedAt = 0;
  let isWaiting = false;
  return async (batchMs) => {
    if (Date.now() - checkedAt >= CHECK_INTERVAL_MS) {
      isWaiting = await intakeIsWaiting(ctx);
      checkedAt = Date.now();
    }
    if (isWaiting) await sleep(batchMs * (1 / MAX_SHARE_UNDER_LOAD - 1), undefined, { signal }).catch(() => {});
  };
}

async function intakeIsWaiting(ctx: Context): Promise<boolean> {
  try {
    const depths = await Promise.all(LOG_TABLE_NAMES.map((queue) => ctx.queue.depth(queue)));
    return depths.some(({ length, inFlight }) => length > 0 || inFlight.length > 0);
  } catch (error) {
    ctx.log.debug({ err: error }, "queue depth unavailable");
    return false;
  }
}
