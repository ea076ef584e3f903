import type { LogTableName } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";

/** Hours of metrics required for a prediction: traffic has a daily cycle. */
const MIN_HISTORY_HOURS = 24;

/** The metrics of one growth, such as the rows and indexes of a table, are added up. */
export interface Growth {
  readonly name: string;
  readonly label: string;
  /** Per day; null without enough data. */
  readonly per_day: number | null;
}

/**
 * The growth of metrics over the last 7 days, by linear regression over their hours. Steps that will not repeat are
 * left out: those of hours in which rows were restored or removed, or in which most stored events were older than the
 * 7 days, as in an import of old data.
 *
 * Which hours those are follows from two sums: events stored in the 7 days, minus events that happened in them, are
 * old; and old events come in bulk, so the hours that stored most account for them.
 * @param names the metrics; each name stands for a growth of its own
 * @param table only of a log table, whose name is the metrics' label
 */
export async function growthOf(
  sql: SqlExecutor,
  names: Readonly<Record<string, string>>,
  table?: LogTableName,
): Promise<Growth[]> {
  return await sql<Growth[]>`
    with arrived as (
      select label, at, rows, sum(rows) over (partition by label) as total,
        sum(rows) over (partition by label order by rows desc, at rows unbounded preceding) - rows as before
      from (
        select label, at, sum(sum) as rows
        from metrics
        where grain = 'hour' and name = 'events_inserted' and at > now() - interval '7 days'
        group by label, at
      ) as stored
    ),
    happened as (
      select log_table as label, sum(rows) as rows
      from traffic
      where grain = 'hour' and dimension = 'all' and at > now() - interval '7 days'
      group by log_table
    ),
    bulk as (
      select arrived.at as starts_at, arrived.at + interval '1 hour' as ends_at
      from arrived
      left join happened using (label)
      where arrived.before + arrived.rows / 2 < arrived.total - coalesce(happened.rows, 0)
        and ${table ? sql`arrived.label = ${table}` : sql`true`}
      union all
      select started_at, coalesce(finished_at, now())
      from jobs
      where kind in ('restore', 'undo_import') and created_at > now() - interval '8 days' and started_at is not null
    ),
    hours as (
      select growth, label, at, sum(value) as value
      from (
        select names.growth, label, at, sum / count as value
        from metrics
        join unnest(${Object.keys(names)}::text[], ${Object.values(names)}::text[]) as names (name, growth) using (name)
        where grain = 'hour' and at > now() - interval '7 days'
          and ${table ? sql`label = ${table}` : sql`true`}
      ) as measured
      group by growth, label, at
    ),
    steps as (
      select *, value - lag(value) over (partition by growth, label order by at) as step,
        -- The mean of the next hour is the first that contains the step as a whole.
        exists (
          select from bulk where hours.at < ends_at + interval '1 hour' and hours.at + interval '1 hour' > starts_at
        ) as is_bulk
      from hours
    ),
    usual as (
      select growth, label, at,
        value - coalesce(sum(step) filter (where is_bulk) over (partition by growth, label order by at), 0) as value
      from steps
    )
    select growth as name, label, regr_slope(value, extract(epoch from at) / 86400)::float8 as per_day
    from usual
    group by growth, label
    having max(at) - min(at) >= make_interval(hours => ${MIN_HISTORY_HOURS})`;
}

/** Rows a day by the time of their events, over the last 7 days or since the first of them; null in the first hour. */
export async function rowsPerDay(sql: SqlExecutor): Promise<number | null> {
  const [happened] = await sql<{ per_day: number | null }[]>`
    select case when now() - min(at) >= interval '1 hour'
      then sum(rows)::float8 / (extract(epoch from now() - min(at))::float8 / 86400)
    end as per_day
    from traffic
    where grain = 'hour' and dimension = 'all' and at > now() - interval '7 days' and at <= now() and rows > 0`;
  return happened?.per_day ?? null;
}
