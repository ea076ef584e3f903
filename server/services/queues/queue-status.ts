import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { QueueProblem } from "@/server/catalog/queue-problems";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context } from "@/server/process/context";
import type { QueueDepth } from "@/server/queue/log-queue";
import { isWrongType, refusalOf } from "@/server/queue/outage";
import type { QueueFigures, QueueStatus } from "./contract";
import { readSnapshot, type Snapshot } from "./queue-snapshot";

/** Longer than any pause between two batches, and longer than a lease. */
export const STALLED_SECONDS = 30;

/** Without a depth when the queue store does not respond, serves nothing, or has no such queue. */
type QueueReading =
  | { readonly depth: QueueDepth }
  | { readonly depth: null; readonly problem: QueueProblem; readonly refusal: string | null };

/**
 * Reads the state of all queues. `down`: PostgreSQL does not respond (the call throws instead). `degraded`: a queue
 * has a problem. Values that the queue store does not return are null, never 0.
 */
export async function queueStatus(ctx: Context): Promise<QueueStatus> {
  // Depths are read first: a claim seen here and stored since is identified by settled_claims, in the snapshot of the
  // counters. In the reverse order its events would be missed.
  const readings = await Promise.all(LOG_TABLE_NAMES.map((name) => readQueue(ctx, name)));
  const claimIds = readings.flatMap(({ depth }) => depth?.inFlight.map((claim) => claim.claimId) ?? []);
  const snapshot = await readSnapshot(ctx, claimIds);
  const figures = LOG_TABLE_NAMES.map((name, index) => figuresOf(ctx, name, readings[index] ?? UNREACHABLE, snapshot));
  return {
    status: figures.some(({ problem }) => problem !== null) ? "degraded" : "healthy",
    backend: ctx.queue.backend,
    workers: snapshot.workers,
    collectors: snapshot.collectors,
    queues: Object.fromEntries(LOG_TABLE_NAMES.map((name, index) => [name, figures[index]])) as QueueStatus["queues"],
  };
}

const UNREACHABLE = { depth: null, problem: "unreachable", refusal: null } as const satisfies QueueReading;

async function readQueue(ctx: Context, name: LogTableName): Promise<QueueReading> {
  try {
    return { depth: await ctx.queue.depth(name) };
  } catch (error) {
    // A failure of the PostgreSQL adapter is one of the database, which makes readSnapshot fail too.
    ctx.log.debug({ error, queue: name }, "queue store does not respond");
    if (isWrongType(error)) return { depth: null, problem: "wrong_type", refusal: null };
    const refusal = refusalOf(error);
    return refusal === null ? UNREACHABLE : { depth: null, problem: "refuses_writes", refusal };
  }
}

function figuresOf(ctx: Context, name: LogTableName, reading: QueueReading, snapshot: Snapshot): QueueFigures {
  const { depth } = reading;
  const refusal = "refusal" in reading ? reading.refusal : reading.depth.refusal;
  const row = snapshot.counters.get(name);
  const {
    received = 0,
    inserted = 0,
    duplicates = 0,
    dead = 0,
    dropped = 0,
    recent_processed = 0,
    recent_dead = 0,
  } = row ?? {};
  const claims = (depth?.inFlight ?? []).filter(({ claimId }) => !snapshot.ended.has(claimId));
  const inFlight = claims.reduce((sum, claim) => sum + claim.events, 0);
  const rate = row?.processed_per_second ?? 0;
  const paused = row?.paused ?? false;
  const waiting = depth && depth.length + inFlight;
  const stalled = depth && stalledSeconds(depth, claims, row?.seconds_without_progress ?? null, paused);
  return {
    problem:
      "problem" in reading ? reading.problem : problemOf(reading.depth, snapshot.workers.length, paused, stalled ?? 0),
    refusal: refusal === null ? null : refusalCode(refusal),
    stalled_seconds: stalled,
    queue_length: depth?.length ?? null,
    in_flight: depth ? inFlight : null,
    oldest_age_seconds: depth?.oldestAgeSeconds ?? null,
    paused,
    paused_at: paused && row?.changed_at ? toIsoMicroseconds(row.changed_at) : null,
    paused_by: paused ? (row?.changed_by ?? null) : null,
    mapping: row?.mapping ?? null,
    batch_size: ctx.config.batchSize,
    received_total: received + inFlight,
    inserted_total: inserted,
    duplicates_total: duplicates,
    dead_total: dead,
    dropped_total: dropped,
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
 * Returns the seconds for which the head of the queue has waited while no batch was stored, or for which the oldest
 * claim has been in flight: the claim of a frozen worker, or one whose events fail repeatedly.
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

/** The code at the start of a Redis error, anywhere in a script's error message. */
function refusalCode(refusal: string): string {
  return /\b(?!ERR\b)[A-Z]{3,}\b/.exec(refusal)?.[0] ?? "ERR";
}
