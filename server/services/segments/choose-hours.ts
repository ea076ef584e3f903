import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { DirtyHour } from "./write-hours";

export interface HourChoice {
  /** Only hours of the last day, or only others. */
  readonly isRecent?: boolean;
  /** The maximum number of hours. */
  readonly limit: number;
  /** Also the current hour, which receives rows continuously, and hours that were written shortly before. */
  readonly isAll?: boolean;
  readonly tables?: readonly LogTableName[];
  /** Hours that are not chosen, as `TABLE INSTANT`. */
  readonly except?: readonly string[];
}

/** The minimum time between two writes of an hour that keeps receiving rows. */
const REWRITE_INTERVAL = "5 minutes";

/** Returns the newest dirty hours of a table, all of one month and in order; null if none is due. */
export async function chooseHours(
  sql: SqlExecutor,
  { isRecent, limit, isAll = false, tables = LOG_TABLE_NAMES, except = [] }: HourChoice,
): Promise<{ table: LogTableName; hours: DirtyHour[] } | null> {
  const rows = await sql<{ log_table: LogTableName; hour: string; seq: string }[]>`
    with due as (
      select segment_hours.log_table, hour, dirty_seq
      from segment_hours
      left join segments on segments.id = segment_id
      where dirty_seq is not null
        and segment_hours.log_table = any(${[...tables]}::text[])
        and (segment_hours.log_table, hour) not in (
          select split_part(key, ' ', 1), split_part(key, ' ', 2)::timestamptz from unnest(${[...except]}::text[]) as key
        )
        and (${isRecent ?? null}::boolean is null or ${isRecent ?? null} = hour between now() - interval '1 day' and now())
        and (
          ${isAll}
          or (
            hour <> date_trunc('hour', now(), 'UTC')
            and (segments.id is null or segments.created_at < now() - ${REWRITE_INTERVAL}::interval)
          )
        )
    ),
    newest as (
      select log_table, hour from due order by hour > now(), hour desc, log_table limit 1
    ),
    chosen as (
      select due.*
      from due
      join newest on newest.log_table = due.log_table and due.hour <= newest.hour
        and date_trunc('month', due.hour, 'UTC') = date_trunc('month', newest.hour, 'UTC')
      order by due.hour desc
      limit ${limit}
    )
    select log_table, hour, dirty_seq as seq from chosen order by hour`;
  const [first] = rows;
  if (!first) return null;
  return { table: first.log_table, hours: rows.map(({ hour, seq }) => ({ hour: toIsoMicroseconds(hour), seq })) };
}
