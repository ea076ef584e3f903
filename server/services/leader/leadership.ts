import { connectForLongWork, type Sql } from "@/server/db/client";
import type { Context } from "@/server/process/context";

/** The leader asks each second, and waits for nothing longer than this: one that has not, hangs. */
const HUNG_AFTER = "20 seconds";

/**
 * Whether it is this process that watches. The lock ends with its connection, so also with the process that held it;
 * of a process that hangs, the others end the connection.
 */
export function makeLeadership(ctx: Context, hungAfter = HUNG_AFTER) {
  let session: Sql | null = null;
  return {
    /** Asked each time: a connection that was lost comes back by itself, without the lock. */
    async isOurs(): Promise<boolean> {
      session ??= connectForLongWork(ctx.db.url, "batch-console monitoring");
      const [lock] = await session<{ held: boolean }[]>`
        with holder as (
          select pid
          from pg_locks
          where locktype = 'advisory' and granted
            and database = (select oid from pg_database where datname = current_database())
            and classid::bigint = hashtext('monitoring')::bigint & 4294967295
            and objid::bigint = hashtext('leader')::bigint & 4294967295
        )
        select
          exists (select from holder where pid = pg_backend_pid())
          or (not exists (select from holder) and pg_try_advisory_lock(hashtext('monitoring'), hashtext('leader'))) as held,
          (
            select bool_or(pg_terminate_backend(pid))
            from holder join pg_stat_activity using (pid)
            where state = 'idle' and state_change < clock_timestamp() - ${hungAfter}::interval
          ) as ended`;
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
