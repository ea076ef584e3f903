import type { SqlExecutor } from "./client";

/**
 * A client without activity for this long is considered unresponsive: frozen, or its host or network is down. A batch
 * takes tens of milliseconds; its longest idle phase is a response of Redis.
 */
export const SILENT_MS = 10_000;

/**
 * A SQL condition on pg_stat_activity that PostgreSQL has waited `silentMs` for the client. None of PostgreSQL's own
 * timeouts applies during a COPY, or between the messages of one statement.
 */
export function isSilent(sql: SqlExecutor, silentMs: number) {
  return sql`(
    (state like 'idle in transaction%' or wait_event in ('ClientRead', 'ClientWrite'))
    and state_change < clock_timestamp() - make_interval(secs => ${silentMs}::float8 / 1000)
  )`;
}

/**
 * Terminates the sessions that have an advisory lock and have been silent, so that a frozen process does not retain it.
 * Only for locks of short work: other sessions may pause for longer.
 * @param lock the first key of the lock
 */
export async function endSilentHolders(sql: SqlExecutor, lock: number, silentMs = SILENT_MS): Promise<void> {
  await sql`
    select pg_terminate_backend(pid)
    from pg_locks
    join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = ${lock}
      and ${isSilent(sql, silentMs)}`;
}

/**
 * Takes an advisory lock of short work until the transaction ends.
 * @param object the name of the locked object; omitted if only one such lock exists
 * @throws a lock timeout, by the settings of the connection
 */
export async function lockTransaction(tx: SqlExecutor, lock: number, object?: string): Promise<void> {
  const [answer] = await tx<{ got: boolean }[]>`
    select pg_try_advisory_xact_lock(${lock}, ${keyOf(tx, object)}) as got`;
  if (answer?.got) return;
  await endSilentHolders(tx, lock);
  await tx`select pg_advisory_xact_lock(${lock}, ${keyOf(tx, object)})`;
}

function keyOf(tx: SqlExecutor, object: string | undefined) {
  return object === undefined ? tx`0` : tx`hashtext(${object})`;
}
