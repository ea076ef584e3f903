import type { SqlExecutor } from "@/server/db/client";

/**
 * A consumer without activity for this long is considered unresponsive: frozen, or its host or network is down. A batch
 * takes tens of milliseconds; its longest idle phase is a response of Redis.
 */
export const SILENT_MS = 10_000;

/**
 * A SQL condition on pg_stat_activity that PostgreSQL has waited `silentMs` for the consumer. None of PostgreSQL's own
 * timeouts applies during a COPY.
 */
export function isSilent(sql: SqlExecutor, silentMs: number) {
  return sql`(
    (state like 'idle in transaction%' or wait_event in ('ClientRead', 'ClientWrite'))
    and state_change < clock_timestamp() - make_interval(secs => ${silentMs}::float8 / 1000)
  )`;
}
