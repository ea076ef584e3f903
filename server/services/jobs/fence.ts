import type { Sql, SqlExecutor } from "@/server/db/client";

/** Thrown by work whose run was taken over: it must change nothing any more. */
export class RunLost extends Error {
  override name = "RunLost";
  constructor() {
    super("Another worker has taken this job over.");
  }
}

/**
 * Keeps a run that lost its job (its process was stopped, or cut off) from changing anything once another run has
 * begun. Each session and transaction of a run locks the run's key, by which the next run finds and terminates them.
 */
export interface Fence {
  /** Marks `session`, until it is closed, as one that the next run of the job terminates before it begins. */
  mark(session: SqlExecutor): Promise<void>;
  /**
   * Call it in each transaction that commits an effect of the run, before the effect; READ COMMITTED only.
   * @throws RunLost when the job has another run
   */
  check(tx: SqlExecutor): Promise<void>;
  /**
   * Call it last in a transaction that a process may be stopped in the middle of: from here to the commit the run
   * cannot be put back, so nothing is changed under a job that has failed or was cancelled meanwhile. Short, since the
   * run's heartbeat waits for it.
   * @throws RunLost
   */
  hold(tx: SqlExecutor): Promise<void>;
}

/** For work that is no run of a job: commands, and parts of the work on their own. */
export const UNFENCED: Fence = { mark: async () => {}, check: async () => {}, hold: async () => {} };

/** First half of the advisory lock's key; the second is the run's hash. */
const RUN_CLASS = "job run";
/** Milliseconds that PostgreSQL waits for a session to end, each time. */
const END_TIMEOUT_MS = 5_000;

/** The fence of one run. */
export function makeFence({ id, runId }: { readonly id: string; readonly runId: string }): Fence {
  return {
    mark: async (session) => {
      await session`select pg_advisory_lock_shared(hashtext(${RUN_CLASS}), hashtext(${runId}))`;
    },
    check: async (tx) => {
      // Two statements: the snapshot of the second is of a moment at which the lock can be seen by who takes over.
      const [, own] = await Promise.all([
        tx`select pg_advisory_xact_lock_shared(hashtext(${RUN_CLASS}), hashtext(${runId}))`,
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
 * Terminates every session that still works for a run which has lost its job, and waits until they are gone. Call it
 * when a job is begun again, and where such a session may be in the way.
 */
export async function endStaleSessions(sql: Sql, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const held = await sql<{ pid: number; key: string }[]>`
      select pid, objid::text as key
      from pg_locks
      where locktype = 'advisory' and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = ((hashtext(${RUN_CLASS})::bigint & 4294967295)::text)::oid`;
    if (held.length === 0) return;
    // A statement of its own: a run that is seen here as holding its lock has its claim committed by now.
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
