import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { noteChange } from "@/server/cache";
import { errorValue } from "@/server/catalog/errors";
import type { DatabaseFailure } from "@/server/db/sqlstate";
import { databaseFailureOf, toAppError, toErrorValue } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import { type Claim, claimJob, endRun, LEASE_MS, type RunEnd, renewRuns } from "./claim";
import type { JobProgress } from "./contract";
import { endStaleSessions, makeFence, RunLost } from "./fence";
import { type JobKind, type JobParams, jobKinds } from "./kinds";
import { type JobHandlers, type JobResult, JobStopped } from "./types";
import { FILES_WAIT, type FilesWait, retryWithoutFiles } from "./wait-for-files";

/** Interval between checks of the queue and reports of progress. */
const POLL_MS = 250;
const RETRY_MS = 200;
/** A run is stopped this long before its lease expires. */
const LEASE_MARGIN_MS = 2_000;

/** Transient errors that a second run may not meet. A full disk and a missing permission require an administrator. */
const TRANSIENT: ReadonlySet<DatabaseFailure> = new Set(["overloaded", "read_only", "locked", "conflict", "cancelled"]);

type StopReason = "cancelled" | "timeout" | "handed_back" | "lost";

/** The reason of a run's aborted signal. */
class RunStopped extends Error {
  override name = "AbortError";
  constructor(readonly reason: StopReason) {
    super(`The job is stopped: ${reason}.`);
  }
}

const NO_PROGRESS: JobProgress = { done: 0, total: null, unit: "rows", phase: "starting" };

interface HeldRun {
  readonly claim: Claim;
  readonly control: AbortController;
  progress: JobProgress | null;
  /** When the lease was last renewed, by this process's clock. */
  renewedAt: number;
}

/**
 * Runs jobs of the kinds in `handlers` until `signal` aborts; then returns those that do not end immediately, and
 * resolves when none is left. Waits while PostgreSQL is unreachable; a job waits while the object store is. Any number
 * of processes may call it.
 */
export async function runJobs(
  ctx: Context,
  handlers: Partial<JobHandlers>,
  { signal, filesWait = FILES_WAIT }: { signal: AbortSignal; filesWait?: FilesWait },
): Promise<void> {
  const kinds = z.array(z.enum(Object.keys(jobKinds) as [JobKind, ...JobKind[]])).parse(Object.keys(handlers));
  const held = new Map<string, HeldRun>();
  let wake = new AbortController();
  let pausedFor: string | null = null;

  const hold = (claim: Claim) => {
    const run: HeldRun = { claim, control: new AbortController(), progress: null, renewedAt: performance.now() };
    held.set(claim.runId, run);
    void executeRun(ctx, handlers, run, filesWait).finally(() => {
      held.delete(claim.runId);
      wake.abort();
    });
  };

  const stopAll = () => {
    for (const run of held.values()) stop(run, "handed_back");
    wake.abort();
  };
  signal.addEventListener("abort", stopAll, { once: true });

  while (!signal.aborted || held.size > 0) {
    try {
      if (held.size > 0) await renew(ctx, held);
      for (let more = !signal.aborted; more && !signal.aborted; ) {
        const claim = await claimJob(ctx, kinds);
        more = claim !== null;
        if (claim) hold(claim);
        if (signal.aborted) stopAll();
      }
      if (pausedFor !== null) ctx.log.info("jobs resumed");
      pausedFor = null;
    } catch (error) {
      const outage = databaseFailureOf(error);
      const reason = outage ? toAppError(error).message : String(error);
      if (reason !== pausedFor) ctx.log[outage ? "warn" : "error"]({ err: error }, `jobs paused: ${reason}`);
      pausedFor = reason;
      for (const run of held.values()) {
        if (performance.now() - run.renewedAt > LEASE_MS - LEASE_MARGIN_MS) stop(run, "lost");
      }
    }
    await sleep(POLL_MS, undefined, { signal: wake.signal }).catch(() => {});
    wake = new AbortController();
  }
}

function stop(run: HeldRun, reason: StopReason): void {
  if (!run.control.signal.aborted) run.control.abort(new RunStopped(reason));
}

async function renew(ctx: Context, held: ReadonlyMap<string, HeldRun>): Promise<void> {
  const runs = [...held.values()];
  const at = performance.now();
  const ours = await renewRuns(
    ctx,
    runs.map(({ claim, progress }) => ({ runId: claim.runId, progress })),
  );
  for (const run of runs) {
    const state = ours.get(run.claim.runId);
    if (!state && held.has(run.claim.runId)) stop(run, "lost");
    if (state) run.renewedAt = at;
    if (state?.cancelled) stop(run, "cancelled");
  }
}

/** Runs a job and records its end; never throws. */
async function executeRun(ctx: Context, handlers: Partial<JobHandlers>, run: HeldRun, wait: FilesWait): Promise<void> {
  const { claim } = run;
  const { timeLimitSeconds } = jobKinds[claim.kind];
  const timer = setTimeout(() => stop(run, "timeout"), timeLimitSeconds * 1_000);
  const started = performance.now();
  let end: RunEnd;
  try {
    const result = await retryWithoutFiles(ctx, () => work(ctx, handlers, claim.kind, run), {
      wait,
      signal: run.control.signal,
      progress: () => run.progress,
      onWait: (reason) => {
        ctx.log.warn({ job: claim.id, kind: claim.kind, reason }, "job waits for the object store");
        run.progress = { ...(run.progress ?? NO_PROGRESS), phase: "waiting_for_files" };
      },
    });
    end = { outcome: "completed", result, error: null, progress: run.progress };
  } catch (error) {
    end = endOf(ctx, run, error);
  } finally {
    clearTimeout(timer);
  }
  if (end.outcome === "completed" || end.outcome === "failed") {
    recordDuration("job", claim.kind, (performance.now() - started) / 1_000);
  }
  ctx.log.info({ job: claim.id, kind: claim.kind, attempt: claim.attempt, outcome: end.outcome }, "job run ended");
  // Before the end is recorded, since clients then query the results.
  await noteChange(ctx, claim.requester);
  await record(ctx, claim, end);
}

async function work<K extends JobKind>(
  ctx: Context,
  handlers: Partial<JobHandlers>,
  kind: K,
  run: HeldRun,
): Promise<JobResult<K>> {
  const schemas: { readonly [Kind in JobKind]: { readonly params: z.ZodType<JobParams<Kind>> } } = jobKinds;
  const { id, runId, params, requestedBy, attempt } = run.claim;
  const handler = handlers[kind];
  if (!handler) throw new Error(`There is no handler for ${kind}.`);
  if (attempt > 1) await endStaleSessions(ctx.db.sql, run.control.signal);
  return await handler(ctx, {
    id,
    runId,
    params: schemas[kind].params.parse(params),
    requestedBy,
    attempt,
    signal: run.control.signal,
    fence: makeFence(run.claim),
    progress: (progress) => {
      run.progress = progress;
    },
  });
}

function endOf(ctx: Context, { claim, control, progress }: HeldRun, thrown: unknown): RunEnd {
  const { signal } = control;
  const result = thrown instanceof JobStopped ? thrown.result : null;
  const error = thrown instanceof JobStopped ? thrown.cause : thrown;
  const reason: StopReason | null = signal.reason instanceof RunStopped ? signal.reason.reason : null;
  if (reason === "cancelled") return { outcome: "cancelled", result, error: null, progress };
  if (reason === "handed_back") return { outcome: "handed_back", result: null, error: null, progress: null };
  if (reason === "timeout") {
    const hours = jobKinds[claim.kind].timeLimitSeconds / 3_600;
    return { outcome: "failed", result, error: errorValue("job.time_limit", { hours }), progress };
  }
  const failure = databaseFailureOf(error);
  if (reason === "lost" || error instanceof RunLost || failure === "unreachable") {
    return { outcome: "crashed", result: null, error: errorValue("job.connection_lost", {}), progress: null };
  }
  const appError = toAppError(error);
  const { kind, cause } = appError;
  const stored = kind === "INTERNAL" ? errorValue("server.internal", {}) : toErrorValue(appError);
  if (failure && TRANSIENT.has(failure)) return { outcome: "crashed", result: null, error: stored, progress: null };
  if (kind === "INTERNAL") ctx.log.error({ err: cause, job: claim.id, kind: claim.kind }, "job failed");
  return { outcome: "failed", result, error: stored, progress };
}

/** Retries until PostgreSQL records it or the lease expires, when any worker may claim the job. */
async function record(ctx: Context, claim: Claim, end: RunEnd): Promise<void> {
  for (const deadline = performance.now() + LEASE_MS; ; await sleep(RETRY_MS)) {
    try {
      await endRun(ctx, claim, end);
      return;
    } catch (error) {
      if (databaseFailureOf(error) && performance.now() < deadline) continue;
      ctx.log.warn({ err: error, job: claim.id }, "end of a job's run not recorded: it will run again");
      return;
    }
  }
}
