import { LOCKS } from "@/server/db/advisory-locks";
import { connectForLongWork, type Sql, type Transaction } from "@/server/db/client";
import type { Context } from "@/server/process/context";

/** A writer sends a statement each minute, also while it writes a file, unless its process is frozen. */
const HEARTBEAT_MS = 60_000;
const HUNG_AFTER = "10 minutes";

/** The exclusive right to write segments. It ends with its connection, and therefore with its process. */
export interface WriterSession {
  readonly sql: Sql;
  /** Runs a transaction. @throws LostRight if the connection was lost, and another process may be writing */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** Another process may have taken over. */
export class LostRight extends Error {
  constructor() {
    super("The connection with the lock of the segment writer was lost.");
  }
}

/**
 * Runs `work` as the only writer of segments over all processes.
 * @returns undefined if another process is the writer
 */
export async function asWriter<T>(
  ctx: Context,
  work: (session: WriterSession) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const sql = connectForLongWork(ctx.db.url, "batch-console segments");
  let heartbeat: NodeJS.Timeout | undefined;
  try {
    const [lock] = await sql<{ taken: boolean; pid: number }[]>`
      select pg_try_advisory_lock(${LOCKS.segments}, 0) as taken, pg_backend_pid() as pid`;
    if (!lock?.taken) {
      await endHungWriter(sql);
      return undefined;
    }
    const transaction: WriterSession["transaction"] = async (inside) => {
      const { value } = await sql.begin(async (tx) => {
        // A lost connection is re-established automatically, but without the lock.
        const [session] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
        if (session?.pid !== lock.pid) throw new LostRight();
        return { value: await inside(tx) };
      });
      return value;
    };
    heartbeat = setInterval(() => void sql`select 1`.catch(() => {}), HEARTBEAT_MS);
    return { value: await work({ sql, transaction }) };
  } finally {
    clearInterval(heartbeat);
    await sql.end({ timeout: 1 });
  }
}

async function endHungWriter(sql: Sql): Promise<void> {
  await sql`
    select pg_terminate_backend(pid)
    from pg_locks
    join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted
      and database = (select oid from pg_database where datname = current_database())
      and classid::bigint = ${LOCKS.segments} and objid = 0 and objsubid = 2
      and wait_event in ('ClientRead', 'ClientWrite')
      and state_change < clock_timestamp() - ${HUNG_AFTER}::interval`;
}
