import { setTimeout as sleep } from "node:timers/promises";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/process/context";

const LOOK_EVERY_MS = 250;
/** The share of the time that deleting may take while events wait. */
const SHARE_BESIDE_INTAKE = 0.25;

/**
 * Makes the pause between two batches: none while nobody waits, else long enough to leave the intake most of the
 * machine.
 */
export function makeIntakeThrottle(ctx: Context, signal: AbortSignal): (batchMs: number) => Promise<void> {
  let lookedAt = 0;
  let isWaiting = false;
  return async (batchMs) => {
    if (Date.now() - lookedAt >= LOOK_EVERY_MS) {
      isWaiting = await intakeIsWaiting(ctx);
      lookedAt = Date.now();
    }
    if (isWaiting) await sleep(batchMs * (1 / SHARE_BESIDE_INTAKE - 1), undefined, { signal }).catch(() => {});
  };
}

async function intakeIsWaiting(ctx: Context): Promise<boolean> {
  try {
    const depths = await Promise.all(LOG_TABLE_NAMES.map((queue) => ctx.queue.depth(queue)));
    return depths.some(({ length, inFlight }) => length > 0 || inFlight.length > 0);
  } catch (error) {
    ctx.log.debug({ err: error }, "the queue does not tell whether events wait");
    return false;
  }
}
