import { parseStoredError } from "@/server/catalog/errors";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context } from "@/server/process/context";
import { type DeadLetterFilter, type DeadLetterGroup, TREND_HOURS } from "./contract";
import { resolveMatching, selectedLetters } from "./selection";

/** Sufficient for all errors: error texts contain no values, so there are few distinct ones. */
const MAX_GROUPS = 200;

/** How many letters of a group state its producers. */
const SAMPLED = 200;
const MAX_PRODUCERS = 3;

interface GroupRow {
  queue: string;
  error: string;
  count: number;
  first_seen_at: string;
  last_seen_at: string;
  hours: Readonly<Record<string, number>>;
  producers: DeadLetterGroup["producers"];
}

/** Returns the dead letters by error, most frequent first, with their trend and producers. */
export async function deadLetterGroups(ctx: Context, filter: DeadLetterFilter): Promise<DeadLetterGroup[]> {
  const sql = ctx.db.read.$client;
  const condition = selectedLetters(sql, await resolveMatching(ctx, filter));
  // Unless a text is searched for, counting reads only the index (queue, error, first_seen_at).
  const groups = await sql<GroupRow[]>`
    with by_hour as (
      select
        queue,
        error,
        greatest(-1, floor(extract(epoch from first_seen_at - date_trunc('hour', now())) / 3600)::int + ${TREND_HOURS - 1}::int)
          as hour,
        count(*)::float8 as count,
        min(first_seen_at) as first_seen_at
      from dead_letters
      where ${condition}
      group by 1, 2, 3
    ),
    matched as (
      select
        queue, error, sum(count) as count, min(first_seen_at) as first_seen_at, json_object_agg(hour, count) as hours
      from by_hour
      group by queue, error
      order by sum(count) desc, queue, error
      limit ${MAX_GROUPS}
    )
    select matched.*, newest.*
    from matched
    cross join lateral (
      select
        max(last_seen_at) as last_seen_at,
        (
          select json_agg(producer)
          from (
            select letter.source, imports.requested_by, count(*)::int as count
            from unnest(array_agg(source), array_agg(import_id)) as letter (source, import_id)
            left join imports on imports.id = import_id
            group by 1, 2
            order by count(*) desc, 1, 2
            limit ${MAX_PRODUCERS}
          ) as producer
        ) as producers
      from (
        select source, import_id, last_seen_at
        from dead_letters
        where dead_letters.queue = matched.queue and dead_letters.error = matched.error and ${condition}
        order by last_seen_at desc nulls first, id desc nulls first
        limit ${SAMPLED}
      ) as sampled
    ) as newest
    where newest.last_seen_at is not null
    order by matched.count desc, matched.queue, matched.error`;
  return groups.map(({ hours, ...group }) => ({
    ...group,
    error: parseStoredError(group.error),
    first_seen_at: toIsoMicroseconds(group.first_seen_at),
    last_seen_at: toIsoMicroseconds(group.last_seen_at),
    trend: Array.from({ length: TREND_HOURS }, (_, hour) => hours[hour] ?? 0),
  }));
}
