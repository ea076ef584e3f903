import { logTableList } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import { connectForLongWork, type SqlExecutor } from "@/server/db/client";
import { endSilentHolders } from "@/server/db/silent-sessions";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

/**
 * The number of changed rows after which statistics are refreshed: autovacuum's share, with a high minimum, so that
 * small changes are left to autovacuum.
 */
const CHANGED = { rows: 10_000, share: 0.1 };
/** ANALYZE waits for transactions that create or drop a partition, and they wait for it. */
const LOCK_TIMEOUT = "1s";
/** From this version, ANALYZE ONLY analyzes a partitioned table without its partitions. */
const FIRST_VERSION_WITH_ONLY = 180_000;

const UNAVAILABLE_PARTITION: readonly string[] = [SQLSTATE.lockNotAvailable, SQLSTATE.undefinedTable];

/** A process that refreshes statistics pauses for seconds at most. */
const FROZEN_MS = 60_000;

/**
 * Refreshes the planner's statistics of the log tables after large changes: of partitions sooner than autovacuum would,
 * and of partitioned tables, which autovacuum never analyzes. Run about once a minute by any worker. Locked tables are
 * skipped until the next run.
 * @returns the analyzed tables and partitions
 */
export async function refreshStatistics(ctx: Context): Promise<string[]> {
  // ANALYZE releases its locks after each table only outside a transaction, so it cannot use a pooler.
  const session = connectForLongWork(ctx.db.url, "batch-console statistics");
  try {
    const [lock] = await session<{ taken: boolean }[]>`select pg_try_advisory_lock(${LOCKS.statistics}, 0) as taken`;
    if (!lock?.taken) {
      await endSilentHolders(session, LOCKS.statistics, FROZEN_MS);
      return [];
    }
    await session.unsafe(`set lock_timeout = '${LOCK_TIMEOUT}'`);
    return await analyzeStale(ctx, session);
  } finally {
    await session.end({ timeout: 1 });
  }
}

async function analyzeStale(ctx: Context, connection: SqlExecutor): Promise<string[]> {
  const [server] = await connection<{ version: number }[]>`
    select current_setting('server_version_num')::int as version`;
  const only = (server?.version ?? 0) >= FIRST_VERSION_WITH_ONLY ? "only " : "";
  const analyzed: string[] = [];
  const analyze = async (name: string, target: string) => {
    try {
      await connection.unsafe(`analyze ${target}`);
      analyzed.push(name);
    } catch (error) {
      if (!UNAVAILABLE_PARTITION.includes(causeCode(error) ?? "")) throw error;
      ctx.log.debug({ table: name }, "statistics not refreshed: the table is locked or was dropped");
    }
  };
  for (const { tableName } of logTableList) {
    for (const name of await stalePartitions(connection, tableName)) await analyze(name, `"${name}"`);
    if (await isStale(connection, tableName)) await analyze(tableName, `${only}${tableName}`);
  }
  if (analyzed.length > 0) ctx.log.info({ tables: analyzed }, "statistics refreshed");
  return analyzed;
}

async function stalePartitions(sql: SqlExecutor, tableName: string): Promise<string[]> {
  const found = await sql<{ name: string }[]>`
    select child.relname as name
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    join pg_stat_all_tables stat on stat.relid = child.oid
    where inhparent = ${tableName}::regclass
      and stat.n_mod_since_analyze > ${CHANGED.rows} + ${CHANGED.share} * greatest(child.reltuples, 0)
    order by child.relname`;
  return found.map(({ name }) => name);
}

/**
 * PostgreSQL counts no changes of a partitioned table, so its row estimate is compared with the sum of its partitions.
 */
async function isStale(sql: SqlExecutor, tableName: string): Promise<boolean> {
  const [found] = await sql<{ stale: boolean }[]>`
    select
      abs(sum(greatest(child.reltuples, 0)) - greatest(parent.reltuples, 0))
        > ${CHANGED.rows} + ${CHANGED.share} * greatest(parent.reltuples, 0)
      or (
        max(greatest(stat.last_analyze, stat.last_autoanalyze)) > own.last_analyze
        and own.last_analyze < now() - interval '1 day'
      ) as stale
    from pg_class parent
    join pg_stat_all_tables own on own.relid = parent.oid
    join pg_inherits on inhparent = parent.oid
    join pg_class child on child.oid = inhrelid
    join pg_stat_all_tables stat on stat.relid = child.oid
    where parent.oid = ${tableName}::regclass
    group by parent.reltuples, own.last_analyze`;
  return found?.stale ?? false;
}
