import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { type Alert, listAlerts } from "@/server/services/alerts";
import { type QueueHistory, queueHistory } from "@/server/services/intake";
import { type QueueStatus, queueStatus, setQueuePaused } from "@/server/services/queues";
import { procedure, router } from "./init";

const WATCH_INTERVAL_MS = 1_000;
const WATCHED_MINUTES = 15;

interface Overview {
  readonly status: QueueStatus;
  readonly history: QueueHistory[];
  /** Firing and acknowledged. */
  readonly alerts: readonly Alert[];
}

/** All who watch share one reading a second. */
const overviews = new WeakMap<Context, { readonly at: number; readonly overview: Promise<Overview> }>();

function overviewOf(ctx: Context): Promise<Overview> {
  const last = overviews.get(ctx);
  if (last && Date.now() - last.at < WATCH_INTERVAL_MS) return last.overview;
  const overview = Promise.all([
    queueStatus(ctx),
    queueHistory(ctx, LOG_TABLE_NAMES, WATCHED_MINUTES),
    listAlerts(ctx, { state: "open" }),
  ]).then(([status, history, { items }]) => ({
    status,
    history,
    alerts: items,
  }));
  overviews.set(ctx, { at: Date.now(), overview });
  return overview;
}

export const queuesRouter = router({
  status: procedure("read").query(({ ctx }) => queueStatus(ctx.app)),

  history: procedure("read")
    .input(z.strictObject({ minutes: z.int().min(1).max(60) }))
    .query(({ ctx, input }) => queueHistory(ctx.app, LOG_TABLE_NAMES, input.minutes)),

  /** The state of the queues and the last 15 minutes, about once a second until the reader leaves. */
  watch: procedure("read").subscription(async function* ({ ctx: { app, signal } }) {
    while (!signal?.aborted) {
      yield await overviewOf(app);
      await sleep(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }),

  setPaused: procedure("queues.pause", "queue.change")
    .input(z.strictObject({ queue: z.enum(LOG_TABLE_NAMES), paused: z.boolean() }))
    .mutation(async ({ ctx, input }) => {
      await setQueuePaused(ctx.app, input.queue, input.paused, ctx.principal);
      return queueStatus(ctx.app);
    }),
});
