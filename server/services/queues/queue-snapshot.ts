import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { BUCKET_SECONDS } from "@/server/services/intake";
import { knownCollectors } from "./collectors";
import type { CollectorStatus, WorkerStatus } from "./contract";
import { aliveWorkers } from "./workers";

/**
 * processed_per_second covers the current bucket and this many before it: long enough to be smooth, short enough to be
 * current.
 */
const RATE_BUCKETS = 2;
const FAILURE_RATE_SECONDS = 300;

export interface Snapshot {
  /** Claims that were stored or abandoned as of this snapshot. */
  readonly ended: ReadonlySet<string>;
  readonly workers: WorkerStatus[];
  readonly collectors: CollectorStatus[];
  readonly counters: ReadonlyMap<string, CounterRow>;
}

export interface CounterRow {
  queue: string;
  paused: boolean;
  /** Of the last pause or resumption. */
  changed_at: string | null;
  changed_by: string | null;
  /** The label of the mapping of its events. */
  mapping: string | null;
  dead_letters: number;
  received: number;
  inserted: number;
  duplicates: number;
  dead: number;
  dropped: number;
  recent_processed: number;
  recent_dead: number;
  processed_per_second: number;
  /** Since the last batch of any worker, or since the queue was resumed; null when no worker reports it. */
  seconds_without_progress: number | null;
}

/** Reads counters, workers, collectors, and which of `claimIds` are stored, in one snapshot. */
export async function readSnapshot(ctx: Context, claimIds: readonly string[]): Promise<Snapshot> {
  // Starts at a bucket boundary, so that the sum and its duration cover the same time.
  const rateFrom = (Math.floor(ctx.now().getTime() / 1000 / BUCKET_SECONDS) - RATE_BUCKETS) * BUCKET_SECONDS;
  return await ctx.db.read.$client.begin("isolation level repeatable read read only", async (tx) => {
    const counters = await tx<CounterRow[]>`
      select
        queue,
        coalesce(states.paused, false) as paused,
        states.changed_at,
        states.changed_by,
        (
          select label from queue_mappings where queue_mappings.queue = queues.queue order by version desc limit 1
        ) as mapping,
        (select count(*) from dead_letters where dead_letters.queue = queues.queue)::float8 as dead_letters,
        coalesce(sum(received), 0)::float8 as received,
        coalesce(sum(inserted), 0)::float8 as inserted,
        coalesce(sum(duplicates), 0)::float8 as duplicates,
        coalesce(sum(dead), 0)::float8 as dead,
        coalesce(sum(dropped), 0)::float8 as dropped,
        coalesce(sum(received) filter (where bucket > now() - make_interval(secs => ${FAILURE_RATE_SECONDS})), 0)::float8
          as recent_processed,
        coalesce(sum(greatest(dead, 0)) filter (where bucket > now() - make_interval(secs => ${FAILURE_RATE_SECONDS})), 0)::float8
          as recent_dead,
        coalesce(sum(received) filter (where bucket >= to_timestamp(${rateFrom})), 0)::float8
          / (extract(epoch from now()) - ${rateFrom})::float8 as processed_per_second,
        least(
          extract(epoch from now() - states.changed_at),
          (
            select min(extract(epoch from now() - last_seen_at) + (idle_seconds->>queue)::float8)
            from workers
          )
        )::float8 as seconds_without_progress
      from unnest(${[...LOG_TABLE_NAMES]}::text[]) as queues (queue)
      left join queue_states as states using (queue)
      left join intake_counters using (queue)
      group by queue, states.paused, states.changed_at, states.changed_by`;
    const ended = claimIds.length
      ? await tx<{ claim_id: string }[]>`
          select claim_id::text from settled_claims where claim_id = any(${claimIds.filter(isUuid)}::uuid[])
          union all
          select xid
          from unnest(${claimIds.filter((id) => !isUuid(id))}::text[]) as claim (xid)
          where pg_visible_in_snapshot(xid::xid8, pg_current_snapshot())`
      : [];
    return {
      ended: new Set(ended.map((row) => row.claim_id)),
      counters: new Map(counters.map((row) => [row.queue, row])),
      workers: await aliveWorkers(tx),
      collectors: await knownCollectors(tx),
    };
  });
}

function isUuid(id: string): boolean {
  return id.includes("-");
}
