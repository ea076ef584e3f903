import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { QueueProblem } from "@/server/catalog/queue-problems";
import type { Context } from "@/server/process/context";
import type { QueueDepth } from "@/server/queue/log-queue";
import { isWrongType } from "@/server/queue/outage";
import { readSnapshot, type Snapshot } from "./queue-snapshot";
import type { WorkerStatus } from "./worker-status";

/** The contract's answer to GET /queue-status but its alerts, which are monitoring's. */
export interface QueueStatus {
  readonly status: "healthy" | "degraded" | "down";
  readonly backend: "redis" | "postgres";
  readonly workers: readonly WorkerStatus[];
  readonly queues: Readonly<Record<LogTableName, QueueFigures>>;
}

export interface QueueFigures {
  readonly problem: QueueProblem | null;
  /** With `refuses_writes`: in the words of the queue's store, such as OOM or READONLY. */
  readonly refusal: string | null;
  /** How long events have waited, or been in flight, with nothing stored; null while that is not known. */
  readonly stalled_seconds: number | null;
  /** Waiting, without those in flight; null while the queue's store does not answer. */
  readonly queue_length: number | null;
  readonly in_flight: number | null;
  readonly oldest_age_seconds: number | null;
  readonly paused: boolean;
  readonly batch_size: number;
  /** Taken in so far: inserted + duplicates + dead, and what is in flight. */
  readonly received_total: number;
  readonly inserted_total: number;
  readonly duplicates_total: number;
  readonly dead_total: number;
  /** Dead letters that wait for an administrator now. */
  readonly dead_letters: number;
  readonly processed_per_second: number;
  /** dead / processed over the last 5 minutes; 0 when nothing was processed. */
  readonly failure_rate: number;
  /** Seconds until the queue is empty if nothing more came; null while nothing is processed. */
  readonly drain_seconds_estimate: number | null;
}

/** Events that wait for longer while nothing is stored are no pause between two batches, nor a lease that runs out. */
export const STALLED_SECONDS = 30;

/** @returns null where the store of the queue does not answer, or has no queue */
type Look = { readonly depth: QueueDepth } | { readonly depth: null; readonly problem: QueueProblem };

/**
 * The state of both queues. `down`: PostgreSQL does not answer (the call throws instead). `degraded`: a queue has a
 * problem. What the queue's store does not tell is null, never 0.
 */
export async function queueStatus(ctx: Context): Promise<QueueStatus> {
  // The depths first: a claim seen here and stored since is told apart by settled_claims, in the
  // snapshot of the counters. The other way round its events would be missed.
  const looks = await Promise.all(LOG_TABLE_NAMES.map((name) => lookAt(ctx, name)));
  const claimIds = looks.flatMap(({ depth }) => depth?.inFlight.map((claim) => claim.claimId) ?? []);
  const snapshot = await readSnapshot(ctx, claimIds);
  const figures = LOG_TABLE_NAMES.map((name, index) =>
    figuresOf(ctx, name, looks[index] ?? { depth: null, problem: "unreachable" }, snapshot),
  );
  return {
    status: figures.some(({ problem }) => problem !== null) ? "degraded" : "healthy",
    backend: ctx.queue.backend,
    workers: snapshot.workers,
    queues: Object.fromEntries(LOG_TABLE_NAMES.map((name, index) => [name, figures[index]])) as QueueStatus["queues"],
  };
}

async function lookAt(ctx: Context, name: LogTableName): Promise<Look> {
  try {
    return { depth: await ctx.queue.depth(name) };
  } catch (error) {
    // The PostgreSQL adapter's failure is the database's, which readSnapshot reports by failing too.
    ctx.log.debug({ error, queue: name }, "queue does not answer");
    return { depth: null, problem: isWrongType(error) ? "wrong_type" : "unreachable" };
  }
}

function figuresOf(ctx: Context, name: LogTableName, look: Look, snapshot: Snapshot): QueueFigures {
  const { depth } = look;
  const row = snapshot.counters.get(name);
  const { received = 0, inserted = 0, duplicates = 0, dead = 0, recent_processed = 0, recent_dead = 0 } = row ?? {};
  const claims = (depth?.inFlight ?? []).filter(({ claimId }) => !snapshot.ended.has(claimId));
  const inFlight = claims.reduce((sum, claim) => sum + claim.events, 0);
  const rate = row?.processed_per_second ?? 0;
  const paused = row?.paused ?? false;
  const waiting = depth && depth.length + inFlight;
  const stalled = depth && stalledSeconds(depth, claims, row?.seconds_without_progress ?? null, paused);
  return {
    problem: "problem" in look ? look.problem : problemOf(look.depth, snapshot.workers.length, paused, stalled ?? 0),
    refusal: depth?.refusal ? refusalCode(depth.refusal) : null,
    stalled_seconds: stalled,
    queue_length: depth?.length ?? null,
    in_flight: depth ? inFlight : null,
    oldest_age_seconds: depth?.oldestAgeSeconds ?? null,
    paused,
    batch_size: ctx.config.batchSize,
    received_total: received + inFlight,
    inserted_total: inserted,
    duplicates_total: duplicates,
    dead_total: dead,
    dead_letters: row?.dead_letters ?? 0,
    processed_per_second: Math.round(rate * 10) / 10,
    failure_rate: recent_processed > 0 ? recent_dead / recent_processed : 0,
    drain_seconds_estimate: waiting === 0 ? 0 : waiting && rate > 0 && !paused ? Math.round(waiting / rate) : null,
  };
}

function problemOf(depth: QueueDepth, workers: number, paused: boolean, stalled: number): QueueProblem | null {
  if (depth.refusal !== null) return "refuses_writes";
  if (workers === 0 && depth.length > 0 && !paused) return "no_worker";
  return stalled > STALLED_SECONDS ? "stalled" : null;
}

/**
 * Since when the head waits and no batch was stored, or the oldest claim is in flight: that of a worker that hangs, or
 * one whose events fail again and again while others are stored.
 */
function stalledSeconds(
  depth: QueueDepth,
  claims: QueueDepth["inFlight"],
  withoutProgress: number | null,
  paused: boolean,
): number {
  if (paused) return 0;
  const waiting =
    depth.length > 0 && withoutProgress !== null ? Math.min(depth.oldestAgeSeconds ?? 0, withoutProgress) : 0;
  return Math.max(waiting, ...claims.map(({ ageSeconds }) => ageSeconds));
}

/** The code that Redis begins its refusals with, wherever its script puts it. */
function refusalCode(refusal: string): string {
  return /\b(?!ERR\b)[A-Z]{3,}\b/.exec(refusal)?.[0] ?? "ERR";
}
