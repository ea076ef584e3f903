import type { SqlExecutor } from "@/server/db/client";

/**
 * A consumer that says nothing for so long hangs: it is frozen, or its machine or network is gone. A batch takes tens
 * of milliseconds; the longest silence in it is an answer of Redis.
 */
export const SILENT_MS = 10_000;

/**
 * The condition that PostgreSQL has waited `silentMs` for a consumer, a row of pg_stat_activity. In the middle of a
 * COPY none of PostgreSQL's own time limits ends that.
 */
export function isSilent(sql: SqlExecutor, silentMs: number) {
  return sql`(
    (state like 'idle in transaction%' or wait_event in ('ClientRead', 'ClientWrite'))
    and state_change < clock_timestamp() - make_interval(secs => ${silentMs}::float8 / 1000)
  )`;
}
