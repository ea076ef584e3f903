import { LOCKS } from "@/server/db/advisory-locks";
import { connectForLongWork, type Sql } from "@/server/db/client";
import type { Context } from "@/server/process/context";

/** The leader checks its lock every second. One that has not done so for this long is considered hung. */
const HUNG_AFTER = "20 seconds";

/**
 * Leader election by a session lock, which ends with its connection and therefore with its process. Other processes
 * terminate the connection of a hung leader.
 */
export function makeLeadership(ctx: Context, hungAfter = HUNG_AFTER) {
  let session: Sql | null = null;
  return {
    /** Checked each time, because a lost connection is re-established automatically, but without the lock. */
    async isOurs(): Promise<boolean> {
      session ??= connectForLongWork(ctx.db.url, "batch-console monitoring");
      const [lock] = await session<{ held: boolean }[]>`
        with holder as (
          select pid
          from pg_locks
          where locktype = 'advisory' and granted
            and database = (select oid from pg_database where datname = current_database())
            and classid::bigint = ${LOCKS.leader} and objid = 0 and objsubid = 2
        )
        select
          exists (select from holder where pid = pg_backend_pid())
          or (not exists (select from holder) and pg_try_advisory_lock(${LOCKS.leader}, 0)) as held,
          (
            select bool_or(pg_terminate_backend(pid))
            from holder join pg_stat_activity using (pid)
            where wait_event in ('ClientRead', 'ClientWrite') and state_change < clock_timestamp() - ${hungAfter}::interval
          ) as ended`;
      return lock?.held ?? false;
    },
    /** Releases the lock, also when PostgreSQL does not respond. */
    async release(): Promise<void> {
      const ending = session;
      session = null;
      await ending?.end({ timeout: 1 });
    },
  };
}
