import { LOG_TABLE_NAMES, type LogTableName, logTableList } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import type { Transaction } from "@/server/db/client";
import { listPartitions } from "@/server/db/partitions";
import { lockTransaction } from "@/server/db/silent-sessions";
import type { Context } from "@/server/process/context";
import { COUNTING_VERSION, countStatements, storedDimensions } from "./dimensions";

/**
 * Serializes counting over all processes; otherwise an hour marked during another process's count could be taken as
 * counted.
 */
const lockTraffic = (tx: Transaction) => lockTransaction(tx, LOCKS.traffic);

const statements = Object.fromEntries(LOG_TABLE_NAMES.map((name) => [name, countStatements(name)])) as Record<
  LogTableName,
  ReturnType<typeof countStatements>
>;

export interface Counted {
  /** The counted hours, each as `table|hour`. */
  readonly hours: readonly string[];
  /** The time that counting took in PostgreSQL, in milliseconds. */
  readonly took: number;
}

/**
 * Takes the dirty marks written by intake, cleanup and restore. Their transactions have committed, so counting from now
 * on sees their rows.
 */
export async function takeDirtyHours(ctx: Context): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    await lockTraffic(tx);
    const outdated = await outdatedRanges(ctx, tx);
    // Half hours match the hours of zones whose offset is not a whole hour. A trigger makes the hours of segments dirty.
    await tx`
      with taken as (delete from dirty_ranges returning log_table, starts_at, ends_at)
      insert into dirty_hours (log_table, hour)
      select distinct log_table, date_trunc('hour', moment, ${ctx.config.timeZone})
      from (
        select * from taken
        union all
        select * from unnest(
          ${outdated.map((range) => range.log_table)}::text[],
          ${outdated.map((range) => range.starts_at)}::timestamptz[],
          ${outdated.map((range) => range.ends_at)}::timestamptz[]
        )
      ) as ranges (log_table, starts_at, ends_at)
      cross join lateral (
        select generate_series(starts_at, ends_at - interval '1 microsecond', '30 minutes') as moment
        union all
        select ends_at - interval '1 microsecond'
      ) as moments
      on conflict do nothing`;
  });
}

interface DirtyRange {
  readonly log_table: LogTableName;
  readonly starts_at: string;
  readonly ends_at: string;
}

/**
 * Returns the ranges of all rows on the first start and after a change of the counting rules. Counts of another
 * APP_TIMEZONE cover other hours and are deleted; those of an older version are shown until replaced.
 */
async function outdatedRanges(ctx: Context, tx: Transaction): Promise<DirtyRange[]> {
  const { timeZone } = ctx.config;
  const wanted = `${timeZone} ${COUNTING_VERSION}`;
  const [known] = await tx<{ value: string }[]>`select value from monitoring_state where name = 'traffic_zone'`;
  if (known?.value === wanted) return [];
  // The first version was stored without its number.
  if (known?.value.split(" ")[0] !== timeZone) await tx`truncate traffic, dirty_hours`;
  const ranges: DirtyRange[] = [];
  for (const { name, tableName } of logTableList) {
    for (const partition of await listPartitions(tx, tableName)) {
      const found = await tx<DirtyRange[]>`
        select ${name}::text as log_table, min(created_at) as starts_at, max(created_at) + interval '1 microsecond' as ends_at
        from ${tx(partition.name)}
        having min(created_at) is not null`;
      ranges.push(...found);
    }
  }
  await tx`
    insert into monitoring_state (name, value) values ('traffic_zone', ${wanted})
    on conflict (name) do update set value = excluded.value`;
  return ranges;
}

/**
 * Counts the newest dirty hour with the other dirty hours of its day, and aggregates the day.
 * @param options.except hours that were counted recently, as `table|hour`
 * @param options.isRecent true for hours of the last 24, false for older ones, undefined for all
 * @returns null when none is dirty
 */
export async function countDirtyDay(
  ctx: Context,
  { except = [], isRecent }: { except?: readonly string[]; isRecent?: boolean } = {},
): Promise<Counted | null> {
  const { timeZone } = ctx.config;
  return await ctx.db.sql.begin(async (tx) => {
    await lockTraffic(tx);
    const dirty = await tx<{ log_table: LogTableName; hour: string }[]>`
      with newest as (
        select log_table, date_trunc('day', hour, ${timeZone}) as day
        from dirty_hours
        where (log_table || '|' || hour::text) <> all(${[...except]}::text[])
          and (${isRecent ?? null}::boolean is null or ${isRecent ?? null} = hour between now() - interval '1 day' and now())
        order by hour > now(), hour desc, log_table
        limit 1
      )
      delete from dirty_hours
      using newest
      where dirty_hours.log_table = newest.log_table and date_trunc('day', dirty_hours.hour, ${timeZone}) = newest.day
      returning dirty_hours.log_table, hour`;
    const [first] = dirty;
    if (!first) return null;
    // The planner cannot estimate the number of counts, and a nested loop over them takes minutes.
    await tx.unsafe("set local enable_nestloop = off");
    const started = performance.now();
    const hours = dirty.map(({ hour }) => hour);
    const parameters = [
      `{${hours.map((hour) => `"${hour}"`).join(",")}}`,
      timeZone,
      `{${storedDimensions(first.log_table)}}`,
    ];
    await tx.unsafe(statements[first.log_table].hours, parameters, { prepare: true });
    await tx.unsafe(statements[first.log_table].day, parameters, { prepare: true });
    return { hours: hours.map((hour) => `${first.log_table}|${hour}`), took: performance.now() - started };
  });
}

/** Counts until no hour is dirty. */
export async function countAllTraffic(ctx: Context): Promise<void> {
  await takeDirtyHours(ctx);
  while (await countDirtyDay(ctx));
}
