import { LOG_TABLE_NAMES, logTableList } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { queueStatus } from "@/server/services/queues";
import { knownDisks } from "./disks";
import { type GaugeReading, minuteOf, writeReadings } from "./write";

/** Sizes change slowly, and reading them stats every file. */
const SIZES_EVERY_MINUTES = 5;

/**
 * Takes a reading of all gauges and stores it under the current minute.
 * @param isFirst reads sizes too, whatever the minute
 */
export async function collectReadings(ctx: Context, isFirst: boolean): Promise<void> {
  const at = minuteOf(ctx.now());
  const readings = [...(await readQueues(ctx)), ...(await readDatabase(ctx)), ...(await readDisks(ctx))];
  if (isFirst || new Date(at).getUTCMinutes() % SIZES_EVERY_MINUTES === 0) readings.push(...(await readSizes(ctx)));
  await writeReadings(ctx, at, readings);
  await collectEvents(ctx);
}

async function readQueues(ctx: Context): Promise<GaugeReading[]> {
  const { queues, workers } = await queueStatus(ctx);
  return [
    { name: "workers", value: workers.length },
    ...LOG_TABLE_NAMES.flatMap((label): GaugeReading[] => {
      const figures = queues[label];
      const known = (name: string, value: number | null): GaugeReading[] =>
        value === null ? [] : [{ name, label, value }];
      return [
        ...known("queue_length", figures.queue_length),
        ...known("in_flight", figures.in_flight),
        ...known("oldest_age_seconds", figures.oldest_age_seconds ?? (figures.queue_length === 0 ? 0 : null)),
        { name: "dead_letters", label, value: figures.dead_letters },
      ];
    }),
  ];
}

async function readDatabase(ctx: Context): Promise<GaugeReading[]> {
  const [row] = await ctx.db.sql<{ connections: number; longest: number; bytes: number; hits: number | null }[]>`
    select
      count(*)::int as connections,
      coalesce(max(extract(epoch from clock_timestamp() - query_start)) filter (where state = 'active' and pid <> pg_backend_pid()), 0)::float8
        as longest,
      pg_database_size(current_database())::float8 as bytes,
      (
        select blks_hit::float8 / nullif(blks_hit + blks_read, 0)
        from pg_stat_database where datname = current_database()
      ) as hits
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend'`;
  if (!row) return [];
  return [
    { name: "connections", value: row.connections },
    { name: "longest_query_seconds", value: row.longest },
    { name: "database_bytes", value: row.bytes },
    ...(row.hits === null ? [] : [{ name: "buffer_hit_ratio", value: row.hits }]),
  ];
}

async function readDisks(ctx: Context): Promise<GaugeReading[]> {
  return (await knownDisks(ctx)).flatMap(({ disk: label, used, freeBytes, totalBytes }) => [
    { name: "disk_used", label, value: used },
    { name: "disk_free_bytes", label, value: freeBytes },
    { name: "disk_total_bytes", label, value: totalBytes },
  ]);
}

async function readSizes(ctx: Context): Promise<GaugeReading[]> {
  const found = await Promise.all(
    logTableList.map(async ({ name: label, tableName }): Promise<GaugeReading[]> => {
      const [row] = await ctx.db.sql<{ bytes: number; indexes: number; rows: number; dead: number }[]>`
        select
          coalesce(sum(pg_table_size(child.oid)), 0)::float8 as bytes,
          coalesce(sum(pg_indexes_size(child.oid)), 0)::float8 as indexes,
          coalesce(sum(greatest(stat.n_live_tup, child.reltuples, 0)), 0)::float8 as rows,
          coalesce(sum(stat.n_dead_tup), 0)::float8 as dead
        from pg_inherits
        join pg_class child on child.oid = inhrelid
        join pg_stat_all_tables stat on stat.relid = child.oid
        where inhparent = ${tableName}::regclass`;
      const scans = await ctx.db.sql<{ name: string; scans: number }[]>`
        select parent.relname as name, coalesce(sum(stat.idx_scan), 0)::float8 as scans
        from pg_index
        join pg_class parent on parent.oid = pg_index.indexrelid
        left join pg_inherits on inhparent = parent.oid
        left join pg_stat_all_indexes stat on stat.indexrelid = inhrelid
        where pg_index.indrelid = ${tableName}::regclass
        group by parent.relname`;
      return [
        { name: "table_bytes", label, value: row?.bytes ?? 0 },
        { name: "index_bytes", label, value: row?.indexes ?? 0 },
        { name: "table_rows", label, value: row?.rows ?? 0 },
        { name: "dead_rows", label, value: row?.dead ?? 0 },
        ...scans.map((index) => ({ name: "index_scans", label: index.name, value: index.scans })),
      ];
    }),
  );
  return found.flat();
}

/**
 * Writes the outcome of events by whole minutes, from the counters that each batch updates. Counters are retained for
 * an hour, so that minutes without a collector are filled in later.
 */
async function collectEvents(ctx: Context): Promise<void> {
  await ctx.db.sql`
    insert into metrics as known (grain, at, name, label, count, sum, min, max)
    select 'minute', minute, 'events_' || outcome, queue, 1, events, events, events
    from (
      select
        date_trunc('minute', bucket) as minute,
        queue,
        sum(received)::float8 as received,
        sum(inserted)::float8 as inserted,
        sum(duplicates)::float8 as duplicates,
        sum(greatest(dead, 0))::float8 as dead,
        sum(dropped)::float8 as dropped
      from intake_counters
      where bucket >= date_trunc('minute', now() - interval '55 minutes') and bucket < date_trunc('minute', now())
      group by 1, 2
    ) as minutes
    cross join lateral (
      values ('received', received), ('inserted', inserted), ('duplicates', duplicates), ('dead', dead), ('dropped', dropped)
    ) as outcomes (outcome, events)
    on conflict (grain, at, name, label) do update set
      sum = excluded.sum, min = excluded.min, max = excluded.max
    where known.sum is distinct from excluded.sum`;
}
