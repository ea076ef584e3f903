import { LOCKS } from "@/server/db/advisory-locks";
import type { Sql, SqlExecutor } from "@/server/db/client";

/** Thrown by a run that lost its job: it must not change anything. */
export class RunLost extends Error {
  override name = "RunLost";
  constructor() {
    super("Another worker has taken this job over.");
  }
}

/**
 * Prevents a run that lost its job (its process was stopped, or disconnected) from changing anything after another run
 * started. Each session and transaction of a run locks the run's key, by which the next run finds and terminates them.
 */
export interface Fence {
  /** Marks `session`, until it is closed, for termination before the next run of the job starts. */
  mark(session: SqlExecutor): Promise<void>;
  /**
   * Call in each transaction that commits an effect of the run, before the effect; READ COMMITTED only.
   * @throws RunLost when the job has another run
   */
  check(tx: SqlExecutor): Promise<void>;
  /**
   * Call last in a transaction whose process may be stopped: from here to the commit the run cannot be requeued, so
   * nothing is changed for a job that has failed or was cancelled. Keep it short, since the run's heartbeat waits for
   * it.
   * @throws RunLost
   */
  hold(tx: SqlExecutor): Promise<void>;
}

/** For work outside jobs: commands, and parts of jobs run separately. */
export const UNFENCED: Fence = { mark: async () => {}, check: async () => {}, hold: async () => {} };

/** Milliseconds to wait for a session to terminate, per attempt. */
const END_TIMEOUT_MS = 5_000;

/** Creates the fence of one run. */
export function makeFence({ id, runId }: { readonly id: string; readonly runId: string }): Fence {
  return {
    mark: async (session) => {
      await session`select pg_advisory_lock_shared(${LOCKS.jobRun}, hashtext(${runId}))`;
    },
    check: async (tx) => {
      // Two statements: the snapshot of the second is taken after the lock is visible to a run that takes over.
      const [, own] = await Promise.all([
        tx`select pg_advisory_xact_lock_shared(${LOCKS.jobRun}, hashtext(${runId}))`,
        tx`select 1 from jobs where id = ${id} and run_id = ${runId} and status = 'running'`,
      ]);
      if (own.length === 0) throw new RunLost();
    },
    hold: async (tx) => {
      const own = await tx`select 1 from jobs where id = ${id} and run_id = ${runId} and status = 'running' for share`;
      if (own.length === 0) throw new RunLost();
    },
  };
}

/**
 * Terminates all sessions of runs that lost their job, and waits until they are gone. Call when a job restarts, and
 * where such a session may hold a lock.
 */
export async function endStaleSessions(sql: Sql, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const held = await sql<{ pid: number; key: string }[]>`
      select pid, objid::text as key
      from pg_locks
      where locktype = 'advisory' and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid::bigint = ${LOCKS.jobRun}`;
    if (held.length === 0) return;
    // A separate statement: the claim of a run whose lock is visible here is already committed.
    const stale = await sql`
      select pg_terminate_backend(held.pid, ${END_TIMEOUT_MS})
      from unnest(${held.map(({ pid }) => pid)}::int[], ${held.map(({ key }) => key)}::bigint[]) as held (pid, key)
      where not exists (
        select from jobs
        where status = 'running' and hashtext(run_id::text)::bigint & 4294967295 = held.key
      )`;
    if (stale.length === 0) return;
  }
}
