import { type LogTableName, logTables } from "@/server/catalog";
import { listPartitions } from "@/server/db/partitions";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { type JobRun, JobStopped } from "@/server/services/jobs";
import { type Maintenance, withMaintenance } from "@/server/services/tables";
import { expireArchives } from "../archives/expire";
import { recordRemovedMonths } from "../archives/records";
import { discardUnfinished } from "../archives/write";
import type { CleanupParams, CleanupResult, ExpiryPreview } from "../contract";
import { openTally, readTally, type Tally } from "./cleanup-counts";
import type { Cleaning, CleanupOptions, CleanupPhase } from "./cleanup-types";
import { clearPartition } from "./clear-partition";
import { type Expiry, retainedPeriods } from "./expiry";
import { previewCleanup } from "./policies";
import { previewExpired } from "./preview-cleanup";

/** One minute: as long as the largest exports take. A partition that is still in use then is emptied in batches. */
const DROP_TIMEOUT_MS = 60_000;

/**
 * Runs a cleanup job on a log table. It continues where an earlier attempt stopped.
 * @throws AppError CONFLICT when the table has another cleanup or restore; JobStopped with the result so far, caused by
 * AppError UNAVAILABLE when the disk is full for the archive. Rows deleted by then stay deleted and archived
 */
export async function cleanLogTable(
  ctx: Context,
  table: LogTableName,
  job: JobRun<CleanupParams>,
  options: CleanupOptions = {},
): Promise<CleanupResult> {
  const { params } = job;
  if (params.dry_run) {
    const { days_to_keep: daysToKeep, archive, keep_restored: keepRestored } = params;
    const preview = await previewCleanup(ctx, table, { daysToKeep, archive, keepRestored });
    return { ...resultOf(params, preview.cutoff, preview.matched_count, undefined), preview };
  }
  return await withMaintenance(ctx, table, job.fence, async (maintenance) => {
    const before = await maintenance.transaction((tx) => openTally(tx, job.id, params.days_to_keep));
    // Read after the maintenance lock is held, when no restore can add one.
    const retained = params.keep_restored ? await retainedPeriods(maintenance.sql, table) : [];
    const expiry = { cutoff: before.cutoff, retained };
    job.progress({ done: before.deleted, total: null, unit: "rows", phase: "counting" });
    const preview = await previewExpired(ctx, table, expiry);
    const matched = before.deleted + preview.matched_count;
    const cleaning = startCleaning(ctx, table, maintenance, job, expiry, { before, preview, ...options });
    try {
      await clearTable(cleaning);
      await expireArchives(ctx, table, maintenance);
    } catch (error) {
      // In any case, completed work equals deleted rows.
      cleaning.phase("deleting");
      throw await explainStop(cleaning, matched, error);
    }
    return resultOf(params, expiry.cutoff, matched, await readTally(maintenance.sql, job.id));
  });
}

async function clearTable(cleaning: Cleaning): Promise<void> {
  const { table, maintenance, job, expiry } = cleaning;
  await discardUnfinished(cleaning);
  for (const partition of await listPartitions(maintenance.sql, logTables[table].tableName)) {
    job.signal.throwIfAborted();
    if (partition.from < expiry.cutoff) await clearPartition(cleaning, partition);
  }
  await maintenance.transaction(async (tx) => {
    const left = await listPartitions(tx, logTables[table].tableName);
    await recordRemovedMonths(
      tx,
      table,
      left.map((partition) => partition.month),
    );
  });
}

function startCleaning(
  ctx: Context,
  table: LogTableName,
  maintenance: Maintenance,
  job: JobRun<CleanupParams>,
  expiry: Expiry,
  { before, preview, ...options }: CleanupOptions & { before: Tally; preview: ExpiryPreview },
): Cleaning {
  const matched = before.deleted + preview.matched_count;
  let deleted = before.deleted;
  let archived = before.deleted;
  let phase: CleanupPhase = "deleting";
  const report = () => {
    const done = phase === "archiving" ? archived : deleted;
    job.progress({ done, total: Math.max(matched, done), unit: "rows", phase });
  };
  return {
    ctx,
    table,
    maintenance,
    job,
    expiry,
    dropTimeout: options.dropTimeout ?? DROP_TIMEOUT_MS,
    step: async (step) => options.onStep?.(step),
    advance: (rows) => {
      deleted += rows;
      // Rows of an earlier archive are not archived again.
      archived = Math.max(archived, deleted);
      report();
    },
    archived: (rows) => {
      archived += rows;
      report();
    },
    phase: (name) => {
      phase = name;
      report();
    },
  };
}

/** The result so far, with the cause of a failure unless it was stopped. */
async function explainStop({ ctx, job, expiry }: Cleaning, matched: number, error: unknown): Promise<unknown> {
  const tally = await readTally(ctx.db.sql, job.id).catch(() => null);
  if (tally === null) return error;
  const result = resultOf(job.params, expiry.cutoff, matched, tally);
  return new JobStopped(result, job.signal.aborted ? undefined : { cause: error });
}

function resultOf(params: CleanupParams, cutoff: Instant, matched: number, tally: Tally | undefined): CleanupResult {
  return {
    task_type: params.task_type,
    days_to_keep: params.days_to_keep,
    cutoff,
    dry_run: params.dry_run,
    matched_count: matched,
    deleted_count: tally?.deleted ?? 0,
    partitions_dropped: tally?.partitionsDropped.length ?? 0,
    archived_count: tally?.archived ?? 0,
    archive_files: tally?.archiveFiles ?? [],
    freed_bytes: tally?.freedBytes ?? 0,
    reusable_bytes: tally?.reusableBytes ?? 0,
  };
}
