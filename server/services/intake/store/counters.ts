import type { LogTableName } from "@/server/catalog";
import type { SqlExecutor, Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { CREATED_AT, type Row } from "../batch";
import type { IntakeCounts, QueueHistory } from "../contract";

/** What a batch adds to the counts of one import. */
export interface ImportCounts {
  readonly importId: number;
  readonly queued?: number;
  /** Events of the import that a worker took from the queue. */
  readonly settled?: number;
  readonly inserted?: number;
  readonly duplicates?: number;
  readonly rejected?: number;
  readonly dropped?: number;
  readonly firstTime?: Instant;
  readonly lastTime?: Instant;
}

export const BUCKET_SECONDS = 10;
const BUCKET_RETENTION = "1 hour";
const SETTLED_CLAIM_RETENTION = "7 days";
const UNDATED_EVENT_RETENTION = "30 days";

/**
 * Adds to the counters of `queue`. Must be last in the batch's transaction, because the row stays locked until its end.
 * The same statement marks the hours that got rows as dirty, so that they are recounted, and adds to the counts of
 * imports.
 * @returns the imports that have been undone. A concurrent undo waits for the end of `tx`
 */
export async function countIntake(
  tx: Transaction,
  queue: LogTableName,
  counts: IntakeCounts,
  rows: readonly Row[],
  imports: readonly ImportCounts[] = [],
): Promise<number[]> {
  const [counted] = await tx<{ undone: number[] }[]>`
    with dirty as (
      insert into dirty_ranges (log_table, starts_at, ends_at)
      select ${queue}, hour, hour + interval '1 hour'
      from unnest(${counts.inserted > 0 ? hoursOf(rows) : []}::timestamptz[]) as hour
    )
    ${imports.length === 0 ? tx`` : tallyImports(tx, imports)}
    insert into intake_counters as counters (queue, bucket, shard, received, inserted, duplicates, dead, dropped)
    values (
      ${queue},
      to_timestamp(floor(extract(epoch from clock_timestamp()) / ${BUCKET_SECONDS}::int) * ${BUCKET_SECONDS}::int),
      pg_backend_pid() % 64,
      ${counts.received}, ${counts.inserted}, ${counts.duplicates}, ${counts.dead}, ${counts.dropped}
    )
    on conflict (queue, bucket, shard) do update set
      received = counters.received + excluded.received,
      inserted = counters.inserted + excluded.inserted,
      duplicates = counters.duplicates + excluded.duplicates,
      dead = counters.dead + excluded.dead,
      dropped = counters.dropped + excluded.dropped
    returning ${imports.length === 0 ? tx`'{}'::int[]` : tx`array(select id from watched where undone_at is not null)`} as undone`;
  return counted?.undone ?? [];
}

/**
 * Parts of a WITH clause: `watched` locks the imports against undo, so that an undo sees everything stored before it.
 */
function tallyImports(tx: Transaction, imports: readonly ImportCounts[]) {
  const numbers = (name: "queued" | "settled" | "inserted" | "duplicates" | "rejected" | "dropped") =>
    imports.map((counts) => counts[name] ?? 0);
  const ids = imports.map(({ importId }) => importId);
  return tx`
    , watched as (select id, undone_at from imports where id = any(${ids}::int[]) order by id for share)
    , tallied as (
      insert into import_tallies as tally
        (import_id, shard, queued, settled, inserted, duplicates, rejected, dropped, first_time, last_time)
      select import_id, pg_backend_pid() % 64, queued, settled, inserted, duplicates, rejected, dropped, first_time, last_time
      from unnest(
        ${ids}::int[], ${numbers("queued")}::bigint[], ${numbers("settled")}::bigint[], ${numbers("inserted")}::bigint[],
        ${numbers("duplicates")}::bigint[], ${numbers("rejected")}::bigint[], ${numbers("dropped")}::bigint[],
        ${imports.map(({ firstTime }) => firstTime ?? null)}::timestamptz[],
        ${imports.map(({ lastTime }) => lastTime ?? null)}::timestamptz[]
      ) as added (import_id, queued, settled, inserted, duplicates, rejected, dropped, first_time, last_time)
      where exists (select from watched where watched.id = added.import_id)
      on conflict (import_id, shard) do update set
        queued = tally.queued + excluded.queued,
        settled = tally.settled + excluded.settled,
        inserted = tally.inserted + excluded.inserted,
        duplicates = tally.duplicates + excluded.duplicates,
        rejected = tally.rejected + excluded.rejected,
        dropped = tally.dropped + excluded.dropped,
        first_time = least(tally.first_time, excluded.first_time),
        last_time = greatest(tally.last_time, excluded.last_time)
    )`;
}

/** The hours (UTC) of `rows`. */
export function hoursOf(rows: readonly Row[]): string[] {
  const hours = new Set<string>();
  for (const row of rows) {
    const time = row[CREATED_AT];
    if (time) hours.add(time.slice(0, 13));
  }
  return [...hours].map((hour) => `${hour}:00Z`);
}

/** Marks a time range of a log table (end exclusive) as dirty, because this transaction changes its rows. */
export async function markDirtyHours(tx: SqlExecutor, table: LogTableName, from: string, to: string): Promise<void> {
  await tx`insert into dirty_ranges (log_table, starts_at, ends_at) values (${table}, ${from}, ${to})`;
}

/**
 * Folds counters older than an hour into their total, and deletes records of claims and undated events that can no
 * longer be repeated. Run about once a minute by any worker.
 * @param keep age of the counters that stay in buckets, a PostgreSQL interval
 */
export async function foldCounters(ctx: Context, keep = BUCKET_RETENTION): Promise<void> {
  await ctx.db.sql`
    with old as (
      delete from intake_counters
      where bucket < now() - ${keep}::interval and bucket > '-infinity'
      returning queue, received, inserted, duplicates, dead, dropped
    )
    insert into intake_counters as counters (queue, bucket, shard, received, inserted, duplicates, dead, dropped)
    select queue, '-infinity', 0, sum(received), sum(inserted), sum(duplicates), sum(dead), sum(dropped)
    from old
    group by queue
    on conflict (queue, bucket, shard) do update set
      received = counters.received + excluded.received,
      inserted = counters.inserted + excluded.inserted,
      duplicates = counters.duplicates + excluded.duplicates,
      dead = counters.dead + excluded.dead,
      dropped = counters.dropped + excluded.dropped`;
  await ctx.db.sql`delete from settled_claims where settled_at < now() - ${SETTLED_CLAIM_RETENTION}::interval`;
  await ctx.db.sql`delete from undated_events where created_at < now() - ${UNDATED_EVENT_RETENTION}::interval`;
}

/** Returns the outcome of events in the last `minutes` (at most 60), in buckets of 10 seconds. */
export async function queueHistory(
  ctx: Context,
  queues: readonly LogTableName[],
  minutes: number,
): Promise<QueueHistory[]> {
  const rows = await ctx.db.sql<({ queue: string; epoch: number } & IntakeCounts)[]>`
    select
      queue,
      extract(epoch from bucket)::float8 as epoch,
      sum(received)::float8 as received,
      sum(inserted)::float8 as inserted,
      sum(duplicates)::float8 as duplicates,
      sum(dead)::float8 as dead,
      sum(dropped)::float8 as dropped
    from intake_counters
    where bucket > now() - make_interval(mins => ${minutes}::int)
    group by queue, bucket`;
  const byKey = new Map(rows.map((row) => [`${row.queue}|${row.epoch}`, row]));
  const last = Math.floor(ctx.now().getTime() / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS;
  const count = (minutes * 60) / BUCKET_SECONDS;
  return queues.map((queue) => ({
    queue,
    points: Array.from({ length: count }, (_, index) => {
      const epoch = last - (count - 1 - index) * BUCKET_SECONDS;
      const found = byKey.get(`${queue}|${epoch}`);
      return {
        at: `${new Date(epoch * 1000).toISOString().slice(0, -1)}000Z`,
        received: found?.received ?? 0,
        inserted: found?.inserted ?? 0,
        duplicates: found?.duplicates ?? 0,
        dead: found?.dead ?? 0,
        dropped: found?.dropped ?? 0,
      };
    }),
  }));
}
