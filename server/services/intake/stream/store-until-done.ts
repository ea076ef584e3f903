import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/process/context";
import { isOutage } from "@/server/queue/outage";
import type { PreparedBatch } from "../batch";
import { directSink, queueSink } from "../read/batch-sink";

const RETRY = { firstMs: 100, maxMs: 5_000 };
/** From this failure on that is no outage, the batch goes through the queue, whose worker isolates the event that fails. */
const QUEUE_FROM_FAILURE = 3;

export type Stored = Awaited<ReturnType<ReturnType<typeof directSink>>>;

export interface StoreOptions {
  /** Gives up: the events are lost. */
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown, isOutage: boolean) => void;
}

/**
 * Stores a batch whose sender cannot send it again, as often as needed: in Redis if it is the queue, otherwise in the
 * table. A repeated attempt adds no row twice, because the events have ids.
 * @returns undefined if the signal aborted before
 */
export async function storeUntilDone(
  ctx: Context,
  batch: PreparedBatch,
  { signal, onFailure }: StoreOptions,
): Promise<Stored | undefined> {
  let failures = 0;
  for (let wait = RETRY.firstMs; ; wait = Math.min(wait * 2, RETRY.maxMs)) {
    try {
      const isQueued = ctx.queue.backend === "redis" || failures >= QUEUE_FROM_FAILURE;
      const sink = isQueued ? queueSink(ctx, batch.table) : directSink(ctx);
      return await sink(batch);
    } catch (error) {
      const isExpected = isOutage(error);
      if (!isExpected) failures++;
      onFailure(error, isExpected);
    }
    await sleep(wait, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
  }
}
