import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/context";
import { connectForLongWork, type Sql } from "@/server/db/client";
import { isDatabaseAway } from "@/server/errors";
import { makeDatabaseAlarm } from "./alerts/database-away";
import { evaluateAlerts } from "./alerts/evaluate";
import { collectReadings } from "./measures/collect";
import { rollUpMeasures } from "./measures/roll-up";
import { minuteOf, writeTally } from "./measures/write";
import { makeTrafficKeeper } from "./traffic/keep-traffic";
import { deliverNotices } from "./webhooks/deliver";

const LOOK_MS = 1_000;
const EVALUATE_MS = 5_000;
const ROLL_UP_MS = 60_000;

/**
 * Watches over the installation until `signal`. Each web and worker process may: one of them at a time does, the one
 * that holds the lock, and another within seconds when that one is gone. Each adds what it counted itself.
 */
export async function keepWatch(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  const leadership = makeLeadership(ctx);
  const alarm = makeDatabaseAlarm();
  const duties = makeDuties(signal);
  const tallied = makeTimer();
  let wasLeader = false;
  let trouble: string | null = null;
  while (!signal.aborted) {
    try {
      if (tallied.isDue(ctx, 60_000)) await writeTally(ctx);
      wasLeader = await leadership.isOurs();
      if (wasLeader) {
        await alarm.back(ctx);
        await duties(ctx);
      }
      trouble = null;
    } catch (error) {
      const isAway = isDatabaseAway(error);
      const words = isAway ? "away" : String(error);
      if (words !== trouble && !isAway) ctx.log.error({ err: error }, "monitoring failed; it goes on");
      trouble = words;
      if (isAway && wasLeader) await alarm.away(ctx);
      await leadership.release();
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  await leadership.release();
}

/** What the leader does, each at its own pace. One that fails keeps no other from its turn. */
function makeDuties(signal: AbortSignal) {
  const keepTraffic = makeTrafficKeeper();
  const evaluated = makeTimer();
  const rolledUp = makeTimer();
  let isDelivering = false;
  let minute = "";
  let isFirst = true;
  const duties: readonly ((ctx: Context) => Promise<void>)[] = [
    async (ctx) => {
      if (minuteOf(ctx.now()) === minute) return;
      const isFirst = minute === "";
      minute = minuteOf(ctx.now());
      await collectReadings(ctx, isFirst);
    },
    async (ctx) => {
      if (evaluated.isDue(ctx, EVALUATE_MS)) await evaluateAlerts(ctx);
    },
    async (ctx) => {
      // A service that is slow to answer holds nothing else up.
      if (isDelivering) return;
      isDelivering = true;
      void deliverNotices(ctx, signal)
        .catch((error: unknown) => ctx.log.warn({ err: error }, "messages to webhooks wait"))
        .finally(() => {
          isDelivering = false;
        });
    },
    keepTraffic,
    async (ctx) => {
      if (!rolledUp.isDue(ctx, ROLL_UP_MS)) return;
      await rollUpMeasures(ctx, isFirst ? "far" : "near");
      isFirst = false;
    },
  ];
  return async (ctx: Context): Promise<void> => {
    let failure: unknown;
    for (const duty of duties) {
      try {
        if (!signal.aborted) await duty(ctx);
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  };
}

/** Tells when so much time has passed since it last said so. */
function makeTimer() {
  let last = Number.NEGATIVE_INFINITY;
  return {
    isDue(ctx: Context, every: number): boolean {
      const now = ctx.now().getTime();
      if (now - last < every) return false;
      last = now;
      return true;
    },
  };
}

/** The lock ends with its connection, so also with the process that held it. */
function makeLeadership(ctx: Context) {
  let session: Sql | null = null;
  return {
    async isOurs(): Promise<boolean> {
      session ??= connectForLongWork(ctx.db.url, "batch-console monitoring");
      // Asked each time: a connection that was lost comes back by itself, without the lock.
      const [lock] = await session<{ held: boolean }[]>`
        select exists (
          select from pg_locks
          where locktype = 'advisory' and pid = pg_backend_pid() and granted
            and classid::bigint = hashtext('monitoring')::bigint & 4294967295
            and objid::bigint = hashtext('leader')::bigint & 4294967295
        ) or pg_try_advisory_lock(hashtext('monitoring'), hashtext('leader')) as held`;
      return lock?.held ?? false;
    },
    async release(): Promise<void> {
      const ending = session;
      session = null;
      await ending?.end({ timeout: 5 });
    },
  };
}
