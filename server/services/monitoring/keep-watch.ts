import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/context";
import { connectForLongWork, type Sql } from "@/server/db/client";
import { isDatabaseAway } from "@/server/errors";
import { makeTrafficKeeper } from "./traffic/keep-traffic";

const LOOK_MS = 1_000;

/**
 * Watches over the installation until `signal`. Each web and worker process may: one of them at a time does, the one
 * that holds the lock, and another within seconds when that one is gone.
 */
export async function keepWatch(ctx: Context, { signal }: { signal: AbortSignal }): Promise<void> {
  const keepTraffic = makeTrafficKeeper();
  const leadership = makeLeadership(ctx);
  let trouble: string | null = null;
  while (!signal.aborted) {
    try {
      if (await leadership.isOurs()) await keepTraffic(ctx);
      trouble = null;
    } catch (error) {
      const words = String(error);
      if (words !== trouble && !isDatabaseAway(error)) ctx.log.error({ err: error }, "monitoring failed; it goes on");
      trouble = words;
      await leadership.release();
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  await leadership.release();
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
