import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { Growth, Place } from "./contract";

/** Whole days that are compared. */
const DAYS = 31;
/** Three differences: a median of fewer is one day's chance. */
const MIN_DIFFERENCES = 3;
/** Cleanups drop a partition once a month. */
const CLEANUP_DAYS = 90;
const MIN_CLEANUP_DAYS = 30;
const DAY_MS = 86_400_000;
const MAX_DAYS = 3_650;

export interface DaySize {
  /** Days since 1970. */
  readonly day: number;
  readonly bytes: number;
}

/**
 * Returns the growth of a median day, without the imports of old data: a single large import, cleanup or deletion
 * predicts nothing.
 * @param imported bytes of old data by day
 * @returns null with fewer than three differences
 */
export function medianGrowth(sizes: readonly DaySize[], imported: ReadonlyMap<number, number>): number | null {
  const differences = sizes.slice(1).map(({ day, bytes }, index) => {
    const before = sizes[index] ?? { day: day - 1, bytes };
    let old = 0;
    for (let one = before.day + 1; one <= day; one++) old += imported.get(one) ?? 0;
    return (bytes - before.bytes - old) / (day - before.day);
  });
  if (differences.length < MIN_DIFFERENCES) return null;
  const sorted = differences.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return Math.round(sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2);
}

/**
 * Measures how a disk fills, from its last reading of each whole day of APP_TIMEZONE.
 * @param freeBytes null if unknown; then only the growth of the database is returned
 */
export async function growthOf(ctx: Context, place: Place, freeBytes: number | null): Promise<Growth> {
  const hasDatabase = place !== "data";
  const [sizes, imports, cleaned] = await Promise.all([
    readSizes(
      ctx,
      freeBytes === null ? "database_bytes" : "disk_free_bytes",
      place === "database" ? "database" : "data",
    ),
    hasDatabase ? readImports(ctx) : [],
    hasDatabase ? readCleanups(ctx) : 0,
  ]);
  const first = sizes[0]?.day ?? 0;
  const counted = imports.filter(({ day }) => day > first);
  const growth = medianGrowth(sizes, new Map(counted.map(({ day, bytes }) => [day, bytes])));
  return {
    bytes_per_day: growth,
    cleanup_bytes_per_day: Math.round(cleaned),
    days_measured: sizes.length,
    imported_bytes: Math.round(counted.reduce((sum, { bytes }) => sum + bytes, 0)),
    full_at: growth === null || freeBytes === null ? null : fullAt(ctx.now(), freeBytes, growth - cleaned),
  };
}

function fullAt(now: Date, freeBytes: number, perDay: number): Instant | null {
  const days = perDay > 0 ? freeBytes / perDay : Number.POSITIVE_INFINITY;
  return days > MAX_DAYS ? null : instantOf(new Date(now.getTime() + days * DAY_MS));
}

async function readSizes(ctx: Context, name: string, disk: string): Promise<DaySize[]> {
  const { timeZone } = ctx.config;
  const isDatabase = name === "database_bytes";
  return await ctx.db.read.$client<DaySize[]>`
    select day - date '1970-01-01' as day, bytes
    from (
      select distinct on (day) (at at time zone ${timeZone})::date as day, ${isDatabase ? 1 : -1} * sum / count as bytes
      from metrics
      where grain = 'hour' and name = ${name} and label = ${isDatabase ? "" : disk}
        and at > now() - make_interval(days => ${DAYS + 1}::int)
        and (at at time zone ${timeZone})::date < (now() at time zone ${timeZone})::date
      order by day, at desc
    ) as days
    order by day`;
}

/** Bytes of imported rows that were at least a day old, estimated from the average row of their table. */
async function readImports(ctx: Context): Promise<DaySize[]> {
  return await ctx.db.read.$client<DaySize[]>`
    with sizes as (
      select
        label,
        sum(value) filter (where name in ('table_bytes', 'index_bytes')) / nullif(sum(value) filter (where name = 'table_rows'), 0)
          as row_bytes
      from (
        select distinct on (name, label) name, label, sum / count as value
        from metrics
        where grain = 'hour' and name in ('table_bytes', 'index_bytes', 'table_rows') and at > now() - interval '2 days'
        order by name, label, at desc
      ) as latest
      group by label
    ),
    old as (
      select imports.id, log_table, started_at, sum(inserted) as rows
      from imports
      join import_tallies on import_id = imports.id
      where started_at > now() - make_interval(days => ${DAYS + 1}::int)
      group by imports.id
      having max(last_time) < started_at - interval '1 day'
    )
    select
      (started_at at time zone ${ctx.config.timeZone})::date - date '1970-01-01' as day,
      sum(rows * coalesce(row_bytes, 0))::float8 as bytes
    from old
    left join sizes on label = log_table
    group by 1`;
}

/** The average that scheduled cleanups returned in a day. */
async function readCleanups(ctx: Context): Promise<number> {
  const [row] = await ctx.db.read.$client<{ bytes: number; days: number | null }[]>`
    select
      coalesce(sum(freed_bytes), 0)::float8 as bytes,
      extract(epoch from now() - min(created_at))::float8 / 86400 as days
    from cleanup_tallies
    join jobs on jobs.id::text = cleanup_tallies.job_id
    where requester like 'system:schedule:%' and created_at > now() - make_interval(days => ${CLEANUP_DAYS}::int)`;
  return (row?.bytes ?? 0) / Math.max(MIN_CLEANUP_DAYS, row?.days ?? 0);
}
