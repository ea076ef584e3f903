import type { LogTableName } from "@/server/catalog";
import { LOCKS } from "@/server/db/advisory-locks";
import { connectForLongWork, type Sql, type SqlExecutor, type Transaction } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { endStaleSessions, type Fence } from "@/server/services/jobs";

/** The exclusive right to delete rows of a log table or to restore archived ones. */
export interface Maintenance {
  /** For reads. Changes use `transaction` below. */
  readonly sql: SqlExecutor;
  /**
   * Runs a transaction that locks the right itself and is fenced. If the connection or the job was lost and another
   * process took over, it fails instead of running concurrently.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, mode?: TransactionMode): Promise<T>;
}

/**
 * - `snapshot`: read-only, with one snapshot
 * - `durable`: commits synchronously, as required before a file outside the database depends on it. Other commits are
 * asynchronous: a PostgreSQL crash loses the latest ones in order, so never an archive without the deletes that depend
 * on it. The end of the job is committed synchronously, with all earlier transactions.
 */
export type TransactionMode = "snapshot" | "durable";

/**
 * Timeout of a transaction whose process was stopped in the middle. Shorter than a run's lease, so that the recovery of
 * lost runs does not wait for it.
 */
const IDLE_LIMIT_MS = 8_000;

/**
 * Runs `work` as the only maintenance of `table` over all processes. The right ends with the connection and therefore
 * with the process.
 * @throws AppError CONFLICT if another process has the right
 */
export async function withMaintenance<T>(
  ctx: Context,
  table: LogTableName,
  fence: Fence,
  work: (maintenance: Maintenance) => Promise<T>,
): Promise<T> {
  const sql = connectForLongWork(ctx.db.url, `batch-console maintenance of ${table}`);
  try {
    await fence.mark(sql);
    if (!(await tryLock(sql, table))) {
      // The lock may belong to the session of a stopped worker whose job has ended.
      await endStaleSessions(ctx.db.sql);
      if (!(await tryLock(sql, table))) throw busy(table);
    }
    return await work({
      sql,
      transaction: async (inside, mode) => {
        const run = async (tx: Transaction) => {
          const [held] = await tx<{ taken: boolean }[]>`
            select pg_try_advisory_xact_lock(${LOCKS.maintenance}, hashtext(${table})) as taken`;
          if (!held?.taken) throw busy(table);
          if (mode === "snapshot") return { value: await inside(tx) };
          await tx`
            select
              set_config('synchronous_commit', ${mode === "durable" ? "on" : "off"}, true),
              set_config('idle_in_transaction_session_timeout', ${String(IDLE_LIMIT_MS)}, true)`;
          await fence.check(tx);
          const value = await inside(tx);
          await fence.hold(tx);
          return { value };
        };
        const options = mode === "snapshot" ? "isolation level repeatable read read only" : "";
        const { value } = await sql.begin(options, run);
        return value;
      },
    });
  } finally {
    // Only an unfinished COPY is still running.
    await sql.end({ timeout: 1 });
  }
}

async function tryLock(sql: Sql, table: LogTableName): Promise<boolean> {
  const [lock] = await sql<{ taken: boolean }[]>`
    select pg_try_advisory_lock(${LOCKS.maintenance}, hashtext(${table})) as taken`;
  return lock?.taken === true;
}

function busy(table: LogTableName): AppError {
  return new AppError("retention.table_busy", { table });
}
