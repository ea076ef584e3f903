import type { Context } from "@/server/context";
import { connectForLongWork, type Sql } from "@/server/db/client";

/** Whether it is this process that watches. The lock ends with its connection, so also with the process that held it. */
export function makeLeadership(ctx: Context) {
  let session: Sql | null = null;
  return {
    /** Asked each time: a connection that was lost comes back by itself, without the lock. */
    async isOurs(): Promise<boolean> {
      session ??= connectForLongWork(ctx.db.url, "batch-console monitoring");
      const [lock] = await session<{ held: boolean }[]>`
        select exists (
          select from pg_locks
          where locktype = 'advisory' and pid = pg_backend_pid() and granted
            and classid::bigint = hashtext('monitoring')::bigint & 4294967295
            and objid::bigint = hashtext('leader')::bigint & 4294967295
        ) or pg_try_advisory_lock(hashtext('monitoring'), hashtext('leader')) as held`;
      return lock?.held ?? false;
    },
    /** Lets go of the lock, also where PostgreSQL no longer says anything. */
    async release(): Promise<void> {
      const ending = session;
      session = null;
      await ending?.end({ timeout: 1 });
    },
  };
}
