import { setTimeout as sleep } from "node:timers/promises";
import { isDatabaseUnreachable } from "@/server/lib/errors";
import { withTimeout } from "@/server/lib/within";
import type { Context } from "@/server/process/context";
import { deliverNotices, evaluateAlerts, makeDatabaseAlarm } from "@/server/services/alerts";
import { makeClockReport } from "@/server/services/health";
import { collectReadings, minuteOf, rollUpMetrics, writeCounts } from "@/server/services/metrics";
import { makeTrafficUpdater } from "@/server/services/overview";
import { makeLeadership } from "./leadership";
import { makePeriodicTasks, type PeriodicTask } from "./periodic-tasks";

const LOCK_CHECK_MS = 1_000;
const EVALUATE_MS = 5_000;
const MINUTE_MS = 60_000;
const CLOCK_MS = 15_000;
/** The timeout of the lock check, after which PostgreSQL is considered unreachable. */
const LOCK_CHECK_TIMEOUT_MS = 5_000;

/**
 * Monitors the installation until `signal` aborts. Every web and worker process may call it; the one with the
 * lock leads, and another takes over within seconds when it exits. Each process writes its own counts.
 */
export async function runMonitor(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  const leadership = makeLeadership(ctx);
  const alarm = makeDatabaseAlarm();
  const own = makePeriodicTasks(ctx, [
    { every: MINUTE_MS, work: writeCounts },
    { every: CLOCK_MS, work: makeClockReport() },
  ]);
  const leading = makePeriodicTasks(ctx, leaderTasks(signal));
  let wasLeader = false;
  while (!signal.aborted) {
    try {
      wasLeader = await withLockTimeout(leadership.isOurs());
      await withLockTimeout(alarm.recovered(ctx));
      own.begin();
      if (wasLeader) leading.begin();
    } catch (error) {
      const isUnreachable = isDatabaseUnreachable(error) || error === TIMEOUT_ERROR;
      if (!isUnreachable) ctx.log.error({ err: error }, "monitoring failed; it will be retried");
      if (isUnreachable && wasLeader) await alarm.unreachable(ctx);
      await leadership.release();
    }
    await sleep(LOCK_CHECK_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all([own.ended(), leading.ended()]);
  await writeCounts(ctx).catch(() => {});
  await leadership.release();
}

/** Starts the leader's periodic tasks, each with its own interval. */
function leaderTasks(signal: AbortSignal): PeriodicTask[] {
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
    { work: makeTrafficUpdater() },
    {
      every: MINUTE_MS,
      work: async (ctx) => {
        await rollUpMetrics(ctx, isFirstRollUp ? "far" : "near");
        isFirstRollUp = false;
      },
    },
  ];
}

const TIMEOUT_ERROR = new Error(`PostgreSQL did not answer in ${LOCK_CHECK_TIMEOUT_MS} ms`);

/** Limits the time of a check, because PostgreSQL may accept connections without responding. @throws TIMEOUT_ERROR */
function withLockTimeout<T>(answer: Promise<T>): Promise<T> {
  return withTimeout(answer, LOCK_CHECK_TIMEOUT_MS, () => TIMEOUT_ERROR);
}
