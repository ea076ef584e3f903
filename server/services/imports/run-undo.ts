import { type LogTableName, logTables } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { listPartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { addRemoved } from "@/server/services/intake";
import { type JobParams, type JobRun, JobStopped } from "@/server/services/jobs";
import { makeIntakeThrottle } from "@/server/services/queues";
import { type Maintenance, withMaintenance } from "@/server/services/tables";
import type { ImportRecord, UndoResult } from "./contract";
import { getImport } from "./list";

/** Sorts before the first row of a partition. */
const START = "(0,0)";

/**
 * Runs an undo job: removes the import's rows and dead letters. Events stored after the undo mark are removed in the
 * transaction that stores them, so queued events need not be waited for. If stopped, it continues when it is requested
 * again.
 * @throws AppError CONFLICT when the table has other maintenance; JobStopped with the result so far
 */
export async function runUndo(ctx: Context, job: JobRun<JobParams<"undo_import">>): Promise<UndoResult> {
  const { import_id: importId, table } = job.params;
  return await withMaintenance(ctx, table, job.fence, async (maintenance) => {
    // Waits for batches of the import that are being stored; all later ones see the mark.
    await maintenance.transaction(
      (tx) => tx`
        update imports set undone_at = coalesce(undone_at, now()), undone_by = ${job.requestedBy}
        where id = ${importId}`,
    );
    const before = await getImport(ctx, importId);
    let discarded = 0;
    try {
      await removeRows(ctx, maintenance, job, before);
      discarded = await discardLetters(ctx, maintenance, job);
      await maintenance.transaction((tx) => tx`update imports set undo_finished_at = now() where id = ${importId}`);
    } catch (error) {
      if (!job.signal.aborted) throw error;
      throw new JobStopped(resultOf(await getImport(ctx, importId), discarded), { cause: error });
    }
    const after = await getImport(ctx, importId);
    return resultOf({ ...after, table }, discarded);
  });
}

function resultOf({ import_id, table, inserted, removed }: ImportRecord, discarded: number): UndoResult {
  return {
    import_id,
    table,
    inserted_count: inserted,
    removed_count: removed,
    missing_count: Math.max(0, inserted - removed),
    discarded_dead_letters: discarded,
  };
}

async function removeRows(
  ctx: Context,
  { sql, transaction }: Maintenance,
  job: JobRun<JobParams<"undo_import">>,
  { import_id: importId, table, inserted, removed, first_time: first, last_time: last }: ImportRecord,
): Promise<void> {
  let done = removed;
  const report = () => job.progress({ done, total: Math.max(inserted, done), unit: "rows", phase: "deleting" });
  report();
  if (first === null || last === null) return;
  const throttle = makeIntakeThrottle(ctx, job.signal);
  for (const partition of await listPartitions(sql, logTables[table].tableName)) {
    if (partition.to <= first || partition.from > last) continue;
    for (let after: string | null = START; after !== null; ) {
      job.signal.throwIfAborted();
      const begin = Date.now();
      const from: string = after;
      const batch = await transaction((tx) =>
        removeBatch(tx, {
          table,
          partition: partition.name,
          importId,
          after: from,
          limit: ctx.config.cleanupBatchSize,
        }),
      );
      after = batch.last;
      done += batch.rows;
      report();
      await throttle(Date.now() - begin);
    }
  }
}

/**
 * Removes up to `limit` rows in physical order of the partition. The import is not indexed, because an index would slow
 * down every insert, while an undo scans its time range only once.
 * @returns the position of the last row; null if none is left
 */
async function removeBatch(
  tx: Transaction,
  batch: { table: LogTableName; partition: string; importId: number; after: string; limit: number },
): Promise<{ rows: number; last: string | null }> {
  // A synchronized scan starts in the middle, and would skip earlier rows.
  await tx`select set_config('synchronize_seqscans', 'off', true)`;
  const [removed] = await tx.unsafe<{ rows: number; last: string | null }[]>(
    `with doomed as materialized (
       select ctid from ${batch.partition} where ctid > $1::text::tid and import_id = $2 limit ${batch.limit}
     ),
     deleted as (
       delete from ${batch.partition} as stored using doomed where stored.ctid = doomed.ctid
       returning stored.ctid as place, stored.created_at
     ),
     dirty as (
       insert into dirty_ranges (log_table, starts_at, ends_at)
       select $3, hour, hour + interval '1 hour'
       from (select distinct date_trunc('hour', created_at) as hour from deleted) as hours
     )
     select count(*)::int as rows, max(place)::text as last from deleted`,
    [batch.after, batch.importId, batch.table],
  );
  if (!removed || removed.rows === 0) return { rows: 0, last: null };
  await addRemoved(tx, batch.importId, removed.rows);
  return removed;
}

async function discardLetters(
  ctx: Context,
  { transaction }: Maintenance,
  { params, signal }: JobRun<JobParams<"undo_import">>,
): Promise<number> {
  for (let discarded = 0; ; ) {
    signal.throwIfAborted();
    const { count } = await transaction(
      (tx) => tx`
        delete from dead_letters
        where id in (select id from dead_letters where import_id = ${params.import_id} limit ${ctx.config.cleanupBatchSize})`,
    );
    discarded += count;
    if (count === 0) return discarded;
  }
}
