import { setTimeout as sleep } from "node:timers/promises";
import type { Partition } from "@/server/db/partitions";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";
import type { Cleaning } from "./cleanup-types";

/** Maximum milliseconds for which a lock request may block others, per attempt. */
export const LOCK_TIMEOUT_MS = 200;
const RETRY_MS = 500;

export const TRIGGER = "watch_changes";

/**
 * Starts to watch a partition: from now on every transaction that changes it records its id. Creating the trigger waits
 * for current writers, so that a snapshot taken afterwards sees all unrecorded changes.
 * @returns false when the partition stays in use for longer than the cleanup's timeout
 */
export async function watchPartition(cleaning: Cleaning, partition: Partition): Promise<boolean> {
  const { maintenance, step } = cleaning;
  const [known] = await maintenance.sql`
    select 1 from pg_trigger where tgrelid = ${partition.oid} and tgname = ${TRIGGER} and tgenabled = 'A'`;
  if (known) return true;
  const watched = await retryWithoutBlocking(cleaning, async () => {
    await maintenance.transaction(async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.unsafe(
        `create or replace trigger ${TRIGGER} after insert or update on ${partition.name}
         for each row execute function note_watched_change()`,
      );
      // Also for writers that disable triggers, such as logical replication.
      await tx.unsafe(`alter table ${partition.name} enable always trigger ${TRIGGER}`);
      // Earlier changes were not recorded, so no older archive proves the partition's content.
      await tx`update archives set whole_partition = false where partition_oid = ${partition.oid} and whole_partition`;
    });
    return true;
  });
  if (watched) await step("watched");
  return watched === true;
}

/**
 * Stops watching a partition that remains. Not retried, since a remaining trigger only slows down late inserts
 * slightly.
 */
export async function unwatchPartition({ ctx, maintenance }: Cleaning, partition: Partition): Promise<void> {
  try {
    await maintenance.transaction(async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.unsafe(`drop trigger if exists ${TRIGGER} on ${partition.name}`);
      await tx`delete from watched_changes where partition_oid = ${partition.oid}`;
    });
  } catch (error) {
    if (causeCode(error) !== SQLSTATE.lockNotAvailable) throw error;
    ctx.log.debug({ partition: partition.name }, "partition still in use, so it stays watched");
  }
}

/**
 * Retries `work`, which acquires locks under LOCK_TIMEOUT_MS, until it succeeds or the cleanup's timeout expires.
 * @returns undefined when it expired
 */
export async function retryWithoutBlocking<T>(
  cleaning: Cleaning,
  work: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = Date.now() + cleaning.dropTimeout;
  for (;;) {
    try {
      const result = await work();
      if (result !== undefined) return result;
    } catch (error) {
      if (causeCode(error) !== SQLSTATE.lockNotAvailable && causeCode(error) !== SQLSTATE.deadlockDetected) throw error;
    }
    cleaning.job.signal.throwIfAborted();
    if (Date.now() >= end) return undefined;
    await sleep(RETRY_MS, undefined, { signal: cleaning.job.signal });
  }
}
