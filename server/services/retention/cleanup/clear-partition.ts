import type { ErrorValue } from "@/server/catalog/errors";
import type { SqlExecutor } from "@/server/db/client";
import type { Partition } from "@/server/db/partitions";
import { AppError } from "@/server/lib/errors";
import { damageOf, problemOf } from "@/server/services/archive-files";
import { type Archive, pendingArchives, recordRemoved, recordVerified } from "../archives/records";
import { writeArchive } from "../archives/write";
import type { Cleaning, Clearing } from "./cleanup-types";
import { deleteArchived, deleteExpired } from "./delete-batches";
import { dropPartition, type Sealed } from "./drop-partition";
import { isWhollyExpired, isWhollyRetained } from "./expiry";
import { unwatchPartition, watchPartition } from "./watch";

/** Deletes expired rows of one partition: first those already in archives, then the rest. */
export async function clearPartition(cleaning: Cleaning, partition: Partition): Promise<void> {
  if ((await settlePending(cleaning, partition)) === "dropped") return;
  const isWhole = isWhollyExpired(cleaning.expiry, partition) && (await watchPartition(cleaning, partition));
  const clearing: Clearing = { partition, isWhole };
  if (cleaning.job.params.archive) await archiveAndRemove(cleaning, clearing);
  else await remove(cleaning, clearing);
}

async function archiveAndRemove(cleaning: Cleaning, clearing: Clearing): Promise<void> {
  cleaning.phase("archiving");
  const archive = await writeArchive(cleaning, clearing);
  cleaning.phase("deleting");
  if (archive) await removeArchived(cleaning, clearing.partition, archive, archive.rowCount);
  else if (clearing.isWhole) await remove(cleaning, clearing);
}

/**
 * Deletes the rows of a complete archive from the table, or drops the partition if it contains nothing else.
 * @param inTable the number of those rows
 */
async function removeArchived(
  cleaning: Cleaning,
  partition: Partition,
  archive: Archive,
  inTable: number,
): Promise<"dropped" | "emptied"> {
  const { wholeSnapshot: snapshot, partitionOid } = archive;
  const { expiry, maintenance, step } = cleaning;
  if (snapshot !== null && partitionOid === partition.oid && isWhollyExpired(expiry, partition)) {
    const sealed: Sealed = { snapshot, rows: inTable, archiveId: archive.id };
    if ((await dropPartition(cleaning, partition, sealed)) === "dropped") return "dropped";
  }
  try {
    await deleteArchived(cleaning, archive, partition);
  } catch (error) {
    // Rows deleted so far were read from it; the rest is archived again.
    const problem = damageOf(error);
    if (problem === null) throw error;
    await recordDamage(cleaning, archive, problem);
    throw new AppError("archive.lost_during_cleanup", { reason: problem }, { cause: error });
  }
  if (isWhollyExpired(expiry, archive.period)) {
    await maintenance.transaction((tx) => recordRemoved(tx, archive.id));
    await step("archive removed");
  }
  if (snapshot !== null) await unwatchPartition(cleaning, partition);
  return "emptied";
}

/** Clears a partition without an archive, or one that is already empty. */
async function remove(cleaning: Cleaning, { partition, isWhole }: Clearing): Promise<void> {
  cleaning.phase("deleting");
  if (isWhole) {
    const sealed = await cleaning.maintenance.transaction((tx) => countAll(tx, partition), "snapshot");
    if ((await dropPartition(cleaning, partition, sealed)) === "dropped") return;
  }
  if (!cleaning.job.params.archive) await deleteExpired(cleaning, partition);
  if (isWhole) await unwatchPartition(cleaning, partition);
}

async function countAll(sql: SqlExecutor, { name }: Partition): Promise<Sealed> {
  const [row] = await sql.unsafe<{ snapshot: string; rows: string }[]>(
    `select pg_current_snapshot()::text as snapshot, count(*) as rows from ${name}`,
  );
  return { snapshot: row?.snapshot ?? "", rows: Number(row?.rows ?? 0) };
}

/**
 * Completes archives whose rows are in the table, still or again: those of an interrupted cleanup, and restored ones
 * whose protection ended. Expired rows that are unchanged are deleted without being archived again. Rows of the same
 * key that were corrected since remain and are archived again, as are the rows of a corrupted file.
 */
async function settlePending(cleaning: Cleaning, partition: Partition): Promise<"dropped" | "emptied"> {
  const { ctx, table, maintenance, expiry, step } = cleaning;
  const stores = ctx.files.all.map(({ id }) => id);
  for (const archive of await pendingArchives(maintenance.sql, { table, month: partition.month, stores })) {
    if (isWhollyRetained(expiry, archive.period)) continue;
    const problem = await problemOf(ctx, archive);
    await step("archive verified");
    if (problem === null) {
      const { rows } = await countAll(maintenance.sql, partition);
      if ((await removeArchived(cleaning, partition, archive, rows)) === "dropped") return "dropped";
    } else {
      await recordDamage(cleaning, archive, problem);
    }
  }
  return "emptied";
}

async function recordDamage({ ctx, maintenance }: Cleaning, archive: Archive, problem: ErrorValue): Promise<void> {
  ctx.log.error({ archive: archive.id, problem }, "an archive is corrupted; its rows in the table are archived again");
  await maintenance.transaction((tx) => recordVerified(tx, archive, problem));
}
