import { setTimeout as sleep } from "node:timers/promises";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/context";
import { storeClaim, type WorkerActivity } from "@/server/services/batch-data-processor";
import { makeOutageLog } from "./outages";
import { makeSchedule, type Turn } from "./schedule";

/** Two connections insert: 1.4 to 1.6 times the rows of one on two cores, and a third adds nothing there. */
const LANES = 2;
/** Text of one claim, so that 2,000 events of 1 MB are never in memory at once. */
const CLAIM_BYTES = 4_000_000;
const NAP_MS = 20;

/**
 * Stores what comes into the queues, until `signal`; then finishes the batches under way.
 * While PostgreSQL or Redis is away it waits and claims nothing.
 */
export async function drainQueues(
  ctx: Context,
  options: { signal: AbortSignal; lanes?: number; onActivity?: (activity: WorkerActivity | null) => void },
): Promise<void> {
  const { signal, lanes = LANES, onActivity = () => {} } = options;
  const schedule = makeSchedule(LOG_TABLE_NAMES, ctx.config);
  const outages = makeOutageLog(ctx.log);
  const activities = new Set<WorkerActivity>();

  const serve = async ({ queue, size, end }: Turn) => {
    let activity: WorkerActivity | undefined;
    try {
      const taken = await ctx.queue.consume(queue, { events: size, bytes: CLAIM_BYTES }, async (claim, tx) => {
        activity = { queue, events: claim.payloads.length };
        activities.add(activity);
        onActivity(activity);
        await storeClaim(ctx, queue, claim, tx);
      });
      outages.worked(queue);
      end(taken);
    } catch (error) {
      const isOutage = outages.isOutage(queue, error);
      if (!isOutage && !signal.aborted) ctx.log.error({ err: error, queue }, "a batch failed and goes back");
      end(isOutage ? "away" : "failed");
    } finally {
      if (activity) activities.delete(activity);
      onActivity([...activities].at(-1) ?? null);
    }
  };

  const lane = async () => {
    while (!signal.aborted) {
      const turn = schedule.next();
      if (turn) await serve(turn);
      else await nap(NAP_MS, signal);
    }
  };

  await Promise.all(Array.from({ length: lanes }, lane));
}

async function nap(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
