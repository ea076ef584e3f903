import { randomUUID } from "node:crypto";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { LOCKS } from "@/server/db/advisory-locks";
import type { Transaction } from "@/server/db/client";
import { isClockAccurate } from "@/server/db/clock";
import { lockTransaction } from "@/server/db/silent-sessions";
import type { Context } from "@/server/process/context";
import type { JobProgress } from "./contract";
import { type JobKind, jobKinds } from "./kinds";
import type { JobResult } from "./types";

/**
 * Runs of a worker without a heartbeat for this long are lost. Long enough for a blocked event loop and a restart of
 * PostgreSQL, short enough for a quick recovery after a crash.
 */
export const LEASE_MS = 10_000;

/** A run of a job that this process has claimed. */
export interface Claim {
  readonly id: string;
  readonly runId: string;
  readonly kind: JobKind;
  readonly params: unknown;
  readonly requestedBy: string;
  /** principalKey of the requester. */
  readonly requester: string;
  readonly attempt: number;
}

const allKinds = Object.entries(jobKinds);
const limits = {
  kinds: allKinds.map(([kind]) => kind),
  concurrency: allKinds.map(([, spec]) => spec.concurrency),
  attempts: allKinds.map(([, spec]) => spec.attempts),
};

/**
 * Claims one queued job of these kinds, if the concurrency limit of its kind allows. Among waiting requesters, the one
 * with the fewest running jobs goes first, then the one served longest ago, then the oldest job, so that 20 jobs of one
 * user do not delay another user's first. First, runs of dead workers are requeued or failed. A process whose clock is
 * wrong does not claim kinds that depend on it. A job that reads a file store is claimed only by a process that has it.
 */
export async function claimJob(ctx: Context, kinds: readonly JobKind[]): Promise<Claim | null> {
  // Checked without a lock, since most checks find nothing.
  const [work] = await ctx.db.sql`
    select 1 from jobs where status = 'queued' or (status = 'running' and lease_until < now()) limit 1`;
  if (!work) return null;
  const hasClock = await isClockAccurate(ctx.db.sql);
  const stores = ctx.files.all.map(({ id }) => id);
  const allowed = kinds.filter((kind) => hasClock || !jobKinds[kind].needsClock);
  return ctx.db.sql.begin(async (tx) => {
    // Serialized, so that two workers cannot both take the last slot.
    await lockTransaction(tx, LOCKS.jobClaim);
    await requeueLostRuns(tx);
    const [claim] = await tx<Claim[]>`
      with running as (
        select kind, requester, count(*) as jobs
        from jobs
        where status = 'running'
        group by kind, requester
      ),
      first as (
        select distinct on (kind, requester) id, kind, requester, created_at
        from jobs
        where status = 'queued' and kind = any(${allowed}::text[]) and (store is null or store = any(${stores}::text[]))
        order by kind, requester, created_at, id
      ),
      next as (
        select first.id
        from first
        join unnest(${limits.kinds}::text[], ${limits.concurrency}::int[]) as room (kind, max) using (kind)
        left join running own using (kind, requester)
        where (select coalesce(sum(jobs), 0) from running where running.kind = first.kind) < room.max
        order by
          coalesce(own.jobs, 0),
          (
            select max(started_at)
            from jobs served
            where served.kind = first.kind and served.requester = first.requester
          ) nulls first,
          first.created_at,
          first.id
        limit 1
      )
      update jobs
      set
        status = 'running',
        run_id = ${randomUUID()},
        lease_until = clock_timestamp() + ${`${LEASE_MS} milliseconds`}::interval,
        attempt = attempt + 1,
        started_at = now(),
        progress = '{"done": 0, "total": null, "phase": "starting"}'
      from next
      where jobs.id = next.id and jobs.status = 'queued'
      returning jobs.id, run_id as "runId", kind, params, requested_by as "requestedBy", requester, attempt`;
    return claim ?? null;
  });
}

/** An error whose param `by` is filled in by the statement. */
const CANCELLED = JSON.stringify(errorValue("job.cancelled", { by: "" }));
const WORKER_DIED = JSON.stringify(errorValue("job.worker_died", { times: 0 }));

async function requeueLostRuns(tx: Transaction): Promise<void> {
  await tx`
    update jobs
    set
      crashes = crashes + 1,
      run_id = null,
      lease_until = null,
      status = fate.status,
      finished_at = case fate.status when 'queued' then null else now() end,
      error = case fate.status
        when 'cancelled' then ${CANCELLED}::text::jsonb || jsonb_build_object('params', jsonb_build_object('by', cancelled_by))
        when 'failed' then ${WORKER_DIED}::text::jsonb || jsonb_build_object('params', jsonb_build_object('times', crashes + 1))
      end
    from (
      select id, case
        when cancel_requested_at is not null then 'cancelled'
        when crashes + 1 >= attempts then 'failed'
        else 'queued'
      end as status
      from jobs
      join unnest(${limits.kinds}::text[], ${limits.attempts}::int[]) as room (kind, attempts) using (kind)
      where status = 'running' and lease_until < now()
    ) fate
    where jobs.id = fate.id and jobs.status = 'running' and jobs.lease_until < now()`;
}

/**
 * Reports the progress of the held runs and renews their leases.
 * @returns the runs that are still held, and whether each is to be cancelled
 */
export async function renewRuns(
  ctx: Context,
  held: readonly { readonly runId: string; readonly progress: JobProgress | null }[],
): Promise<Map<string, { cancelled: boolean }>> {
  const rows = await ctx.db.sql<{ run_id: string; cancelled: boolean }[]>`
    update jobs
    set
      lease_until = now() + ${`${LEASE_MS} milliseconds`}::interval,
      progress = coalesce(held.progress::jsonb, jobs.progress)
    from unnest(
      ${held.map((run) => run.runId)}::uuid[],
      ${held.map((run) => run.progress && JSON.stringify(run.progress))}::text[]
    ) as held (run_id, progress)
    where jobs.run_id = held.run_id and jobs.status = 'running'
    returning jobs.run_id, cancel_requested_at is not null as cancelled`;
  return new Map(rows.map((row) => [row.run_id, { cancelled: row.cancelled }]));
}

/** How a run ended. `handed_back`: its process stops; `crashed`: it lost its connection to PostgreSQL. */
export interface RunEnd {
  readonly outcome: "completed" | "failed" | "cancelled" | "handed_back" | "crashed";
  readonly result: JobResult | null;
  readonly error: ErrorValue | null;
  readonly progress: JobProgress | null;
}

/** Records the end of a run, unless it was lost. */
export async function endRun(ctx: Context, { id, runId, kind }: Claim, end: RunEnd): Promise<void> {
  const { attempts } = jobKinds[kind];
  const isCrash = end.outcome === "crashed";
  const isRequeued = isCrash || end.outcome === "handed_back";
  await ctx.db.sql`
    update jobs
    set
      crashes = crashes + ${isCrash ? 1 : 0},
      run_id = null,
      lease_until = null,
      status = fate.status,
      result = ${end.result && JSON.stringify(end.result)}::text::jsonb,
      progress = coalesce(${end.progress && JSON.stringify(end.progress)}::text::jsonb, jobs.progress),
      finished_at = case fate.status when 'queued' then null else now() end,
      error = case fate.status
        when 'completed' then null
        when 'queued' then null
        when 'cancelled' then ${CANCELLED}::text::jsonb || jsonb_build_object('params', jsonb_build_object('by', cancelled_by))
        else ${end.error && JSON.stringify(end.error)}::text::jsonb
      end
    from (
      select case
        when ${isRequeued} and cancel_requested_at is not null then 'cancelled'
        when ${isCrash} and crashes + 1 >= ${attempts} then 'failed'
        when ${isRequeued} then 'queued'
        else ${end.outcome}
      end as status
      from jobs
      where id = ${id}
    ) fate
    where id = ${id} and run_id = ${runId}`;
}
