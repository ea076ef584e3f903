import type { LogTableName } from "@/server/catalog";
import { jobProblemText } from "@/server/catalog/job-problem";
import { connectForLongWork, type Sql, type SqlExecutor, type Transaction } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { endStaleSessions, type Fence } from "@/server/services/jobs";

/** The sole right to take rows out of a log table or put archived ones back. */
export interface Maintenance {
  /** For reading: what changes something does it in a transaction below. */
  readonly sql: SqlExecutor;
  /**
   * A transaction that holds the right by itself and is fenced: should the connection or the job have been lost and
   * another process have taken over, it stops here instead of working beside it.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, mode?: TransactionMode): Promise<T>;
}

/**
 * - `snapshot`: only reads, all of one moment
 * - `durable`: its commit waits for the disk, as whatever a file outside the database rests on must. Others do not wait:
 *   a crash of PostgreSQL takes back the last moments in order, so never an archive before the deletes that rest on it,
 *   and the end of the job is waited for, with all before.
 */
export type TransactionMode = "snapshot" | "durable";

/**
 * Of a transaction whose process was stopped in its middle, after which PostgreSQL takes it back. Shorter than a run's
 * lease, so that whoever puts lost runs back does not wait for it.
 */
const IDLE_LIMIT_MS = 8_000;

/**
 * Runs `work` as the only maintenance of `table` over all processes. The right ends with the connection, so also
 * with the process, at whatever moment that dies.
 * @throws AppError CONFLICT when another one is at it
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
      // It may be the session of a stopped worker whose job has ended without it.
      await endStaleSessions(ctx.db.sql);
      if (!(await tryLock(sql, table))) throw busy(table);
    }
    return await work({
      sql,
      transaction: async (inside, mode) => {
        const run = async (tx: Transaction) => {
          const [held] = await tx<{ taken: boolean }[]>`
            select pg_try_advisory_xact_lock(hashtext('maintenance'), hashtext(${table})) as taken`;
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
    // Only a COPY that was left in its middle is still under way.
    await sql.end({ timeout: 1 });
  }
}

async function tryLock(sql: Sql, table: LogTableName): Promise<boolean> {
  const [lock] = await sql<{ taken: boolean }[]>`
    select pg_try_advisory_lock(hashtext('maintenance'), hashtext(${table})) as taken`;
  return lock?.taken === true;
}

function busy(table: LogTableName): AppError {
  return new AppError("CONFLICT", jobProblemText("table_busy", { table }));
}
