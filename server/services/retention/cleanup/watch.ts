import { setTimeout as sleep } from "node:timers/promises";
import type { Partition } from "@/server/db/partitions";
import { SQLSTATE } from "@/server/db/sqlstate";
import { causeCode } from "@/server/lib/errors";
import type { Cleaning } from "./cleanup-types";

/** Milliseconds that others may have to wait behind a lock we wait for, each time. */
export const LOCK_TIMEOUT_MS = 200;
const RETRY_MS = 500;

export const TRIGGER = "watch_changes";

/**
 * From here on every transaction that adds to the partition leaves its number. Making the trigger waits for the
 * writers before it, so that a snapshot taken afterwards sees all that left none.
 * @returns false when the partition stays in use for as long as the cleanup is patient
 */
export async function watchPartition(cleaning: Cleaning, partition: Partition): Promise<boolean> {
  const { maintenance, step } = cleaning;
  const [known] = await maintenance.sql`
    select 1 from pg_trigger where tgrelid = ${partition.oid} and tgname = ${TRIGGER} and tgenabled = 'A'`;
  if (known) return true;
  const watched = await withoutHoldingUp(cleaning, async () => {
    await maintenance.transaction(async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.unsafe(
        `create or replace trigger ${TRIGGER} after insert or update on ${partition.name}
         for each row execute function note_watched_change()`,
      );
      // Also of writers that switch triggers off, as logical replication does.
      await tx.unsafe(`alter table ${partition.name} enable always trigger ${TRIGGER}`);
      // What came before it was noted by nobody, so no older archive proves what the partition has.
      await tx`update archives set whole_partition = false where partition_oid = ${partition.oid} and whole_partition`;
    });
    return true;
  });
  if (watched) await step("watched");
  return watched === true;
}

/** Stops watching a partition that stays; tried once, since a trigger that stays only costs late inserts a little. */
export async function unwatchPartition({ ctx, maintenance }: Cleaning, partition: Partition): Promise<void> {
  try {
    await maintenance.transaction(async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.unsafe(`drop trigger if exists ${TRIGGER} on ${partition.name}`);
      await tx`delete from watched_changes where partition_oid = ${partition.oid}`;
    });
  } catch (error) {
    if (causeCode(error) !== SQLSTATE.lockNotAvailable) throw error;
    ctx.log.debug({ partition: partition.name }, "still in use, so it stays watched");
  }
}

/**
 * Tries `work`, which takes locks under LOCK_TIMEOUT_MS, until it gets them or the cleanup's patience is over.
 * @returns undefined when it is over
 */
export async function withoutHoldingUp<T>(
  cleaning: Cleaning,
  work: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = Date.now() + cleaning.dropPatience;
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
