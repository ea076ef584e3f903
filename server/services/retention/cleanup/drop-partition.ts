import { logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Partition } from "@/server/db/partitions";
import { markDirtyHours } from "@/server/services/intake";
import { recordRemoved } from "../archives/records";
import { addToTally } from "./cleanup-counts";
import type { Cleaning } from "./cleanup-types";
import { LOCK_TIMEOUT_MS, retryWithoutBlocking, TRIGGER } from "./watch";

/** The state of a watched partition: it contained `rows` rows in `snapshot`. */
export interface Sealed {
  readonly snapshot: string;
  readonly rows: number;
  /** The archive that contains them. */
  readonly archiveId?: string;
}

/**
 * Drops a watched partition if it still contains exactly the rows of the snapshot. Takes the same time for any number
 * of rows; while the table is in use it waits without blocking others.
 * @returns `changed` when rows were added since, `busy` when the table stayed in use
 */
export async function dropPartition(
  cleaning: Cleaning,
  partition: Partition,
  sealed: Sealed,
): Promise<"dropped" | "changed" | "busy"> {
  const { table, maintenance, job, step } = cleaning;
  const { tableName } = logTables[table];
  const outcome = await retryWithoutBlocking(cleaning, () =>
    maintenance.transaction(async (tx) => {
      await tx.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      // In the order in which queries lock them.
      await tx.unsafe(`lock table only ${tableName} in access exclusive mode`);
      await tx.unsafe(`lock table only ${partition.name} in access exclusive mode`);
      if (await hasChanged(tx, partition, sealed.snapshot)) return "changed" as const;
      if (await isSeenByOlderSnapshot(tx)) return undefined;
      const [size] = await tx<{ bytes: string }[]>`select pg_total_relation_size(${partition.oid}::oid) as bytes`;
      await tx.unsafe(`drop table ${partition.name}`);
      await tx`delete from watched_changes where partition_oid = ${partition.oid}`;
      await addToTally(tx, job.id, {
        deleted: sealed.rows,
        freedBytes: Number(size?.bytes ?? 0),
        dropped: partition.name,
      });
      await markDirtyHours(tx, table, partition.from, partition.to);
      if (sealed.archiveId) await recordRemoved(tx, sealed.archiveId);
      await step("partition dropped, not committed");
      return "dropped" as const;
    }),
  );
  if (outcome === "dropped") {
    cleaning.advance(sealed.rows);
    await step("partition drop committed");
  }
  return outcome ?? "busy";
}

/** The approximate maximum duration of an intake transaction. */
const STATEMENT_MS = 500;

/** Whether a transaction that `snapshot` does not see changed the partition, or the partition was not watched. */
async function hasChanged(tx: Transaction, partition: Partition, snapshot: string): Promise<boolean> {
  const [found] = await tx<{ changed: boolean }[]>`
    select
      not exists (
        select from pg_trigger where tgrelid = ${partition.oid} and tgname = ${TRIGGER} and tgenabled = 'A'
      )
      or exists (
        select from watched_changes
        where partition_oid = ${partition.oid} and not pg_visible_in_snapshot(xid, ${snapshot}::pg_snapshot)
      ) as changed`;
  return found?.changed ?? true;
}

/**
 * Whether a transaction is running whose snapshot still sees the partition's rows but which has not read the table yet.
 * DROP ignores snapshots, so such a reader would miss the month. A transaction that waits for a lock waits for this
 * one, and plans again afterwards. Young statements are ignored, since a busy intake of another table would otherwise
 * prevent every drop: they have one snapshot per statement.
 */
async function isSeenByOlderSnapshot(tx: Transaction): Promise<boolean> {
  const [found] = await tx<{ seen: boolean }[]>`
    select exists (
      select from pg_stat_activity
      where datname = current_database()
        and pid <> pg_backend_pid()
        and backend_type = 'client backend'
        and backend_xmin is not null
        and wait_event_type is distinct from 'Lock'
        and (state <> 'active' or xact_start < clock_timestamp() - ${STATEMENT_MS} * interval '1 millisecond')
    ) as seen`;
  return found?.seen ?? true;
}
