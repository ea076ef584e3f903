import { setTimeout as sleep } from "node:timers/promises";
import { isDatabaseUnreachable } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { deliverNotices, evaluateAlerts, makeDatabaseAlarm } from "@/server/services/alerts";
import { makeClockReport } from "@/server/services/health";
import { collectReadings, minuteOf, rollUpMetrics, writeCounts } from "@/server/services/metrics";
import { makeTrafficKeeper } from "@/server/services/overview";
import { makeLeadership } from "./leadership";
import { makePeriodicTasks, type PeriodicTask } from "./periodic-tasks";

const LOOK_MS = 1_000;
const EVALUATE_MS = 5_000;
const MINUTE_MS = 60_000;
const CLOCK_MS = 15_000;
/** How long PostgreSQL may take to say whose the lock is before it counts as away. */
const PATIENCE_MS = 5_000;

/**
 * Watches over the installation until `signal`. Each web and worker process may: one of them at a time does, the one
 * that holds the lock, and another within seconds when that one is gone. Each adds what it counted itself.
 */
export async function keepWatch(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  const leadership = makeLeadership(ctx);
  const alarm = makeDatabaseAlarm();
  const own = makePeriodicTasks(ctx, [
    { every: MINUTE_MS, work: writeCounts },
    { every: CLOCK_MS, work: makeClockReport() },
  ]);
  const leading = makePeriodicTasks(ctx, leadersDuties(signal));
  let wasLeader = false;
  while (!signal.aborted) {
    try {
      wasLeader = await inTime(leadership.isOurs());
      await inTime(alarm.back(ctx));
      own.begin();
      if (wasLeader) leading.begin();
    } catch (error) {
      const isAway = isDatabaseUnreachable(error) || error === TOO_LATE;
      if (!isAway) ctx.log.error({ err: error }, "monitoring failed; it goes on");
      if (isAway && wasLeader) await alarm.away(ctx);
      await leadership.release();
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all([own.ended(), leading.ended()]);
  await writeCounts(ctx).catch(() => {});
  await leadership.release();
}

/** What the leader does, each at its own pace. */
function leadersDuties(signal: AbortSignal): PeriodicTask[] {
  let minute = "";
  let isFirstRollUp = true;
  return [
    {
      work: async (ctx) => {
        if (minuteOf(ctx.now()) === minute) return;
        const isFirst = minute === "";
        minute = minuteOf(ctx.now());
        await collectReadings(ctx, isFirst);
      },
    },
    { every: EVALUATE_MS, work: evaluateAlerts },
    { work: (ctx) => deliverNotices(ctx, signal) },
    { work: makeTrafficKeeper() },
    {
      every: MINUTE_MS,
      work: async (ctx) => {
        await rollUpMetrics(ctx, isFirstRollUp ? "far" : "near");
        isFirstRollUp = false;
      },
    },
  ];
}

const TOO_LATE = new Error(`PostgreSQL did not answer in ${PATIENCE_MS} ms`);

/** A PostgreSQL that takes connections and says nothing is as away as one that refuses them. @throws TOO_LATE */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([
      answer,
      sleep(PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
        throw TOO_LATE;
      }),
    ]);
  } finally {
    late.abort();
    // Who loses the race fails unheard.
    answer.catch(() => {});
  }
}
