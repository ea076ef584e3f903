import type { Instant } from "@/server/lib/time";
import type { Transaction } from "./client";
import { openClient } from "./connection-url";
import { connectSession } from "./session";

/** Cancelling between two statements has no effect, and the next statement would run to its end. */
const CANCEL_EVERY_MS = 50;

export interface SnapshotSource {
  readonly url: string;
  readonly applicationName: string;
  readonly timeZone: string;
  /** The tables that are read, which cannot be dropped between the snapshot and the first read. */
  readonly tables: readonly string[];
  /** The ID of an exported snapshot to read, whose transaction is open and has locked the tables. */
  readonly snapshot?: string;
}

/**
 * Runs `work` in one REPEATABLE READ snapshot, on its own connection. When `signal` aborts, or `work` throws during a
 * statement, the statement is cancelled immediately.
 * @throws the signal's reason, or the error of `work`
 */
export async function withSnapshot<T>(
  source: SnapshotSource,
  signal: AbortSignal,
  work: (tx: Transaction, snapshotAt: Instant) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const sql = connectSession(source.url, source);
  let pid = 0;
  const cancel = async () => {
    if (pid !== 0) await cancelBackend(source.url, pid);
  };
  // After an interrupted COPY, ending the transaction fails too, with an unrelated error.
  let failure: { readonly error: unknown } | undefined;
  let again: NodeJS.Timeout | undefined;
  const onAbort = () => {
    const tryCancel = () => void cancel().catch(() => {});
    tryCancel();
    again = setInterval(tryCancel, CANCEL_EVERY_MS);
  };
  try {
    const [session] = await sql<{ pid: number }[]>`
      select pg_backend_pid() as pid`;
    pid = session?.pid ?? 0;
    // A backend that is sorting does not notice that its client died. Not supported on all platforms.
    await sql`select set_config('client_connection_check_interval', '250ms', false)`.catch(() => {});
    signal.throwIfAborted();
    signal.addEventListener("abort", onAbort, { once: true });
    const result = await sql.begin("isolation level repeatable read", async (tx) => {
      if (source.snapshot !== undefined) await tx.unsafe(`set transaction snapshot '${source.snapshot}'`);
      // Before the snapshot, which the next statement takes: DROP ignores snapshots, so a month dropped between the
      // snapshot and the first read would be missing.
      await tx`lock table ${tx(source.tables)} in access share mode`;
      const [snapshot] = await tx<{ at: Instant }[]>`
        select to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;
      try {
        return { value: await work(tx, snapshot?.at ?? "") };
      } catch (error) {
        failure = { error };
        await cancel().catch(() => {});
        throw error;
      }
    });
    return result.value;
  } catch (error) {
    signal.throwIfAborted();
    throw failure ? failure.error : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearInterval(again);
    pid = 0;
    await sql.end({ timeout: 1 });
  }
}

/** Uses its own connection: the session to be cancelled may be the only one of its process. */
async function cancelBackend(url: string, pid: number): Promise<void> {
  const sql = openClient(url, {
    max: 1,
    connect_timeout: 5,
    silence_timeout: 5,
    fetch_types: false,
    onnotice: () => {},
  });
  try {
    await sql`select pg_cancel_backend(${pid})`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
