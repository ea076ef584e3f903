import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";

/** Milliseconds between cancellations, because another statement may begin after one. */
const CANCEL_EVERY_MS = 200;

/**
 * Runs `work` in a transaction, and cancels its statements in PostgreSQL when the caller no longer waits. The transaction
 * ends after the last cancellation, so that none affects a later statement on the same connection.
 * @throws the reason of the caller's signal
 */
export async function cancelledByCaller<T>(ctx: Context, tx: Orm, work: () => Promise<T>): Promise<T> {
  const caller = ctx.columnar.signal;
  if (!caller) return await work();
  const [session] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  caller.throwIfAborted();
  const ended = new AbortController();
  let cancelling: Promise<void> | undefined;
  const cancel = async () => {
    while (!ended.signal.aborted) {
      // This pool has a connection when those of reads are all in use.
      await ctx.db.health`select pg_cancel_backend(${session?.pid ?? 0})`.catch(() => {});
      await sleep(CANCEL_EVERY_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  };
  const onAbort = () => {
    cancelling = cancel();
  };
  caller.addEventListener("abort", onAbort, { once: true });
  try {
    return await work();
  } catch (error) {
    throw caller.aborted ? caller.reason : error;
  } finally {
    caller.removeEventListener("abort", onAbort);
    ended.abort();
    await cancelling;
  }
}
