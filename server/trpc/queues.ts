import { setTimeout as sleep } from "node:timers/promises";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { listAlerts } from "@/server/services/alerts";
import { queueHistory } from "@/server/services/intake";
import { historyQuery } from "@/server/services/intake/contract";
import {
  getQueueMapping,
  peekQueue,
  previewQueueMapping,
  queueStatus,
  setQueueMapping,
  setQueuePaused,
} from "@/server/services/queues";
import {
  mappingPreviewInput,
  peekInput,
  type QueueOverview,
  queueMappingInput,
  queueMappingKey,
  queuePaused,
} from "@/server/services/queues/contract";
import { procedure, router } from "./init";

const WATCH_INTERVAL_MS = 1_000;
const WATCHED_MINUTES = 15;

/** Shared by all watchers, and read at most once a second. */
const overviews = new WeakMap<Context, { readonly at: number; readonly overview: Promise<QueueOverview> }>();

function overviewOf(ctx: Context): Promise<QueueOverview> {
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
    .input(historyQuery)
    .query(({ ctx, input }) => queueHistory(ctx.app, LOG_TABLE_NAMES, input.minutes)),

  /** Streams the state of the queues and the last 15 minutes, about once a second. */
  watch: procedure("read").subscription(async function* ({ ctx: { app, signal } }) {
    while (!signal?.aborted) {
      yield await overviewOf(app);
      await sleep(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }),

  /** The next waiting events, which remain in the queue. */
  peek: procedure("read")
    .input(peekInput)
    .query(({ ctx, input }) => peekQueue(ctx.app, ctx.principal, input.queue, input.limit)),

  /** The mapping of a queue, with its history. */
  mapping: procedure("read")
    .input(queueMappingKey)
    .query(({ ctx, input }) => getQueueMapping(ctx.app, input.queue)),

  /** The next waiting events as another mapping would read them. */
  previewMapping: procedure("queues.mapping")
    .input(mappingPreviewInput)
    .query(({ ctx, input: { queue, map, limit } }) => previewQueueMapping(ctx.app, ctx.principal, queue, map, limit)),

  setMapping: procedure("queues.mapping", "queue.change-mapping")
    .input(queueMappingInput)
    .mutation(({ ctx, input }) => setQueueMapping(ctx.app, ctx.principal, input.queue, input.map)),

  setPaused: procedure("queues.pause", "queue.change")
    .input(queuePaused)
    .mutation(async ({ ctx, input }) => {
      await setQueuePaused(ctx.app, input.queue, input.paused, ctx.principal);
      return queueStatus(ctx.app);
    }),
});
