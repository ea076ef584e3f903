import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Context } from "@/server/context";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { QueueDepth } from "@/server/queue/log-queue";
import { BUCKET_SECONDS } from "./counters";
import { ALIVE_SECONDS, type WorkerActivity } from "./workers";

/** The contract's answer to GET /queue-status but its alerts, which are monitoring's. */
export interface QueueStatus {
  readonly status: "healthy" | "degraded" | "down";
  readonly backend: "redis" | "postgres";
  readonly workers: readonly WorkerStatus[];
  readonly queues: Readonly<Record<LogTableName, QueueFigures>>;
}

export interface WorkerStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly started_at: string;
  readonly last_seen_at: string;
  readonly current: WorkerActivity | null;
}

export interface QueueFigures {
  /** Waiting, without those in flight; null while the queue's store is away. */
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

/** processed_per_second looks at the running bucket and so many before it: long enough to be calm, short enough to follow. */
const RATE_BUCKETS = 2;
const FAILURE_RATE_SECONDS = 300;

/**
 * The state of both queues. `down`: PostgreSQL does not answer (the call throws instead). `degraded`: the queue's
 * store does not answer, so that HTTP intake writes straight to PostgreSQL, or events wait and no worker lives.
 */
export async function queueStatus(ctx: Context): Promise<QueueStatus> {
  // The depths first: a claim seen here and stored since is told apart by settled_claims, in the
  // snapshot of the counters. The other way round its events would be missed.
  const depths = await Promise.all(LOG_TABLE_NAMES.map((name) => depthOrNull(ctx, name)));
  const claimIds = depths.flatMap((depth) => depth?.inFlight.map((claim) => claim.claimId) ?? []);
  const snapshot = await readSnapshot(ctx, claimIds);

  const figures = LOG_TABLE_NAMES.map((name, index) => figuresOf(ctx, name, depths[index] ?? null, snapshot));
  const stuck = snapshot.workers.length === 0 && depths.some((depth) => (depth?.length ?? 0) > 0);
  return {
    status: stuck || depths.includes(null) ? "degraded" : "healthy",
    backend: ctx.queue.backend,
    workers: snapshot.workers,
    queues: Object.fromEntries(LOG_TABLE_NAMES.map((name, index) => [name, figures[index]])) as QueueStatus["queues"],
  };
}

async function depthOrNull(ctx: Context, name: LogTableName): Promise<QueueDepth | null> {
  try {
    return await ctx.queue.depth(name);
  } catch (error) {
    // The PostgreSQL adapter's failure is the database's, which readSnapshot reports by failing too.
    ctx.log.debug({ error, queue: name }, "queue does not answer");
    return null;
  }
}

interface Snapshot {
  /** Claims that are stored, or given up, for this snapshot. */
  readonly ended: ReadonlySet<string>;
  readonly workers: readonly WorkerStatus[];
  readonly counters: ReadonlyMap<string, CounterRow>;
}

interface CounterRow {
  queue: string;
  paused: boolean;
  dead_letters: number;
  received: number;
  inserted: number;
  duplicates: number;
  dead: number;
  recent_processed: number;
  recent_dead: number;
  processed_per_second: number;
}

async function readSnapshot(ctx: Context, claimIds: readonly string[]): Promise<Snapshot> {
  // From the start of a bucket, so that the sum and the time it is divided by begin together.
  const rateFrom = (Math.floor(ctx.now().getTime() / 1000 / BUCKET_SECONDS) - RATE_BUCKETS) * BUCKET_SECONDS;
  return await ctx.db.sql.begin("isolation level repeatable read read only", async (tx) => {
    const counters = await tx<CounterRow[]>`
      select
        queue,
        coalesce(states.paused, false) as paused,
        (select count(*) from dead_letters where dead_letters.queue = queues.queue)::float8 as dead_letters,
        coalesce(sum(received), 0)::float8 as received,
        coalesce(sum(inserted), 0)::float8 as inserted,
        coalesce(sum(duplicates), 0)::float8 as duplicates,
        coalesce(sum(dead), 0)::float8 as dead,
        coalesce(sum(received) filter (where bucket > now() - make_interval(secs => ${FAILURE_RATE_SECONDS})), 0)::float8
          as recent_processed,
        coalesce(sum(greatest(dead, 0)) filter (where bucket > now() - make_interval(secs => ${FAILURE_RATE_SECONDS})), 0)::float8
          as recent_dead,
        coalesce(sum(received) filter (where bucket >= to_timestamp(${rateFrom})), 0)::float8
          / (extract(epoch from now()) - ${rateFrom})::float8 as processed_per_second
      from unnest(${[...LOG_TABLE_NAMES]}::text[]) as queues (queue)
      left join queue_states as states using (queue)
      left join intake_counters using (queue)
      group by queue, states.paused`;
    const ended = claimIds.length
      ? await tx<{ claim_id: string }[]>`
          select claim_id::text from settled_claims where claim_id = any(${claimIds.filter(isUuid)}::uuid[])
          union all
          select xid
          from unnest(${claimIds.filter((id) => !isUuid(id))}::text[]) as claim (xid)
          where pg_visible_in_snapshot(xid::xid8, pg_current_snapshot())`
      : [];
    const workers = await tx<WorkerStatus[]>`
      select id, host, pid, started_at, last_seen_at, current
      from workers
      where last_seen_at > now() - make_interval(secs => ${ALIVE_SECONDS})
      order by started_at, id`;
    return {
      ended: new Set(ended.map((row) => row.claim_id)),
      counters: new Map(counters.map((row) => [row.queue, row])),
      workers: workers.map((worker) => ({
        ...worker,
        started_at: toIsoMicroseconds(worker.started_at),
        last_seen_at: toIsoMicroseconds(worker.last_seen_at),
      })),
    };
  });
}

function figuresOf(ctx: Context, name: LogTableName, depth: QueueDepth | null, snapshot: Snapshot): QueueFigures {
  const row = snapshot.counters.get(name);
  const { received = 0, inserted = 0, duplicates = 0, dead = 0, recent_processed = 0, recent_dead = 0 } = row ?? {};
  const inFlight = (depth?.inFlight ?? [])
    .filter(({ claimId }) => !snapshot.ended.has(claimId))
    .reduce((sum, claim) => sum + claim.events, 0);
  const rate = row?.processed_per_second ?? 0;
  const waiting = depth && depth.length + inFlight;
  return {
    queue_length: depth?.length ?? null,
    in_flight: depth ? inFlight : null,
    oldest_age_seconds: depth?.oldestAgeSeconds ?? null,
    paused: row?.paused ?? false,
    batch_size: ctx.config.batchSize,
    received_total: received + inFlight,
    inserted_total: inserted,
    duplicates_total: duplicates,
    dead_total: dead,
    dead_letters: row?.dead_letters ?? 0,
    processed_per_second: Math.round(rate * 10) / 10,
    failure_rate: recent_processed > 0 ? recent_dead / recent_processed : 0,
    drain_seconds_estimate: waiting === 0 ? 0 : waiting && rate > 0 && !row?.paused ? Math.round(waiting / rate) : null,
  };
}

function isUuid(id: string): boolean {
  return id.includes("-");
}
