import { LOG_TABLE_NAMES, type LogTableName, logTableList } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { listPartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { COUNTING_VERSION, countStatements, storedDimensions } from "./dimensions";

/** One at a time over all processes: else an hour marked while another counts it could be taken for counted. */
const LOCK = "select pg_advisory_xact_lock(hashtext('monitoring'), hashtext('traffic'))";

const statements = Object.fromEntries(LOG_TABLE_NAMES.map((name) => [name, countStatements(name)])) as Record<
  LogTableName,
  ReturnType<typeof countStatements>
>;

export interface Counted {
  /** What was counted, each as `table|hour`. */
  readonly hours: readonly string[];
  /** What counting took PostgreSQL, in milliseconds. */
  readonly took: number;
}

/**
 * Takes the marks that intake, cleanup and restore left. Whoever left one has committed, so that who counts the hour
 * from now on sees its rows.
 */
export async function takeTouchedHours(ctx: Context): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    await tx.unsafe(LOCK);
    await countAgainIfNeeded(ctx, tx);
    // Half hours find the hours of zones whose offset is no whole hour.
    await tx`
      with taken as (delete from touched_hours returning log_table, starts_at, ends_at)
      insert into stale_hours (log_table, hour)
      select distinct log_table, date_trunc('hour', moment, ${ctx.config.timeZone})
      from taken
      cross join lateral (
        select generate_series(starts_at, ends_at - interval '1 microsecond', '30 minutes') as moment
        union all
        select ends_at - interval '1 microsecond'
      ) as moments
      on conflict do nothing`;
  });
}

/**
 * At the first start, and when hours were counted in another way than now, marks all hours. Counts of another
 * APP_TIMEZONE are of other hours, and are deleted; those of an older version are shown until they are replaced.
 */
async function countAgainIfNeeded(ctx: Context, tx: Transaction): Promise<void> {
  const { timeZone } = ctx.config;
  const wanted = `${timeZone} ${COUNTING_VERSION}`;
  const [known] = await tx<{ value: string }[]>`select value from monitoring_state where name = 'traffic_zone'`;
  if (known?.value === wanted) return;
  // The first version was stored without its number.
  if (known?.value.split(" ")[0] !== timeZone) await tx`truncate traffic, stale_hours`;
  for (const { name, tableName } of logTableList) {
    for (const partition of await listPartitions(tx, tableName)) {
      await tx`
        insert into touched_hours (log_table, starts_at, ends_at)
        select ${name}, min(created_at), max(created_at) + interval '1 microsecond'
        from ${tx(partition.name)}
        having min(created_at) is not null`;
    }
  }
  await tx`
    insert into monitoring_state (name, value) values ('traffic_zone', ${wanted})
    on conflict (name) do update set value = excluded.value`;
}

/**
 * Counts the newest hour that is stale, with the others of its day, and adds the day up.
 * @param options.except hours that were counted a moment ago, as `table|hour`
 * @param options.isRecent whether of the hours of the last 24, or of all others; of all where undefined
 * @returns null when none is stale
 */
export async function countStaleDay(
  ctx: Context,
  { except = [], isRecent }: { except?: readonly string[]; isRecent?: boolean } = {},
): Promise<Counted | null> {
  const { timeZone } = ctx.config;
  return await ctx.db.sql.begin(async (tx) => {
    await tx.unsafe(LOCK);
    const stale = await tx<{ log_table: LogTableName; hour: string }[]>`
      with newest as (
        select log_table, date_trunc('day', hour, ${timeZone}) as day
        from stale_hours
        where (log_table || '|' || hour::text) <> all(${[...except]}::text[])
          and (${isRecent ?? null}::boolean is null or ${isRecent ?? null} = hour between now() - interval '1 day' and now())
        order by hour > now(), hour desc, log_table
        limit 1
      )
      delete from stale_hours
      using newest
      where stale_hours.log_table = newest.log_table and date_trunc('day', stale_hours.hour, ${timeZone}) = newest.day
      returning stale_hours.log_table, hour`;
    const [first] = stale;
    if (!first) return null;
    // Nobody knows beforehand how many counts there are, and a loop over them for each of them takes minutes.
    await tx.unsafe("set local enable_nestloop = off");
    const started = performance.now();
    const hours = stale.map(({ hour }) => hour);
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

/** Counts until no hour is stale. */
export async function countAllTraffic(ctx: Context): Promise<void> {
  await takeTouchedHours(ctx);
  while (await countStaleDay(ctx));
}
