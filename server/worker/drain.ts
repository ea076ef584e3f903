import { setTimeout as sleep } from "node:timers/promises";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { makeLanes } from "@/server/lib/lanes";
import type { Context } from "@/server/process/context";
import { storeClaim } from "@/server/services/intake";
import type { WorkerActivity } from "@/server/services/queues/contract";
import { makeOutageLog } from "./outages";
import { makeSchedule } from "./schedule";

/**
 * Lanes per queue, so that a locked table does not affect the other queue. On two cores, two connections insert 1.4 to
 * 1.6 times as many rows as one; a third adds nothing.
 */
const LANES = 2;
/** Bytes per claim, so that 2,000 events of 1 MB are never in memory at once. */
const CLAIM_BYTES = 4_000_000;
const POLL_MS = 20;
/** Interval of the search for lost claims. It uses at most about 1/100 of the time. */
const RECOVERY = { everyMs: 10_000, share: 1 / 100 };

export interface DrainOptions {
  readonly signal: AbortSignal;
  /** The number of lanes per queue. */
  readonly lanes?: number;
  readonly onActivity?: (activity: WorkerActivity | null) => void;
  /** Called after each stored batch. */
  readonly onProgress?: (queue: LogTableName) => void;
}

/**
 * Stores queued events until `signal` aborts, then finishes the batches in progress. While PostgreSQL or Redis is
 * unreachable, it waits and claims nothing.
 */
export async function drainQueues(ctx: Context, options: DrainOptions): Promise<void> {
  const lanesOfPool = Math.min(LANES, ctx.config.databasePools.intake);
  const { signal, lanes = lanesOfPool, onActivity = () => {}, onProgress = () => {} } = options;
  const outages = makeOutageLog(ctx.log);
  const activities = new Set<WorkerActivity>();

  const store = async (queue: LogTableName, size: number) => {
    let activity: WorkerActivity | undefined;
    try {
      const taken = await ctx.queue.consume(queue, { events: size, bytes: CLAIM_BYTES }, async (claim, tx) => {
        activity = { queue, events: claim.payloads.length };
        activities.add(activity);
        onActivity(activity);
        await storeClaim(ctx, queue, claim, tx);
      });
      outages.recovered(queue);
      if (taken > 0) onProgress(queue);
      return taken;
    } catch (error) {
      const isOutage = outages.isOutage(queue, error);
      if (!isOutage && !signal.aborted) ctx.log.error({ err: error, queue }, "batch failed and will be retried");
      return isOutage ? "outage" : "failed";
    } finally {
      if (activity) activities.delete(activity);
      onActivity([...activities].at(-1) ?? null);
    }
  };

  const drain = async (queue: LogTableName) => {
    const schedule = makeSchedule(ctx.config);
    const { start, settle } = makeLanes(lanes);
    while (!signal.aborted) {
      await start(async () => {
        const turn = schedule.next();
        if (turn) turn.end(await store(queue, turn.size));
        else await sleepUntilAbort(POLL_MS, signal);
      });
    }
    await settle();
  };

  await Promise.all([...LOG_TABLE_NAMES.map(drain), recoverLost(ctx, signal)]);
}

async function recoverLost(ctx: Context, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const started = performance.now();
    // Outages are reported by the lanes.
    const claims = await ctx.queue.recover().catch(() => 0);
    if (claims > 0) ctx.log.warn({ claims }, "recovered claims without an active worker");
    await sleepUntilAbort(Math.max(RECOVERY.everyMs, (performance.now() - started) / RECOVERY.share), signal);
  }
}

async function sleepUntilAbort(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
