import { LOG_TABLE_NAMES } from "@/server/catalog";
import { databaseNow, requireAccurateClock } from "@/server/db/clock";
import type { Context } from "@/server/process/context";
import { expireExports } from "@/server/services/exports";
import type { JobRun } from "@/server/services/jobs";
import type { CleanupParams, CleanupResult } from "../contract";
import { cleanLogTable } from "./clean-log-table";
import { cutoffOf } from "./expiry";
import { previewExportsCleanup } from "./policies";

/** Runs a cleanup job, of a log table (see cleanLogTable) or of the exports, which have no archive. */
export async function runCleanup(ctx: Context, job: JobRun<CleanupParams>): Promise<CleanupResult> {
  const { task_type, dry_run } = job.params;
  if (!dry_run) await requireAccurateClock(ctx.db.sql);
  const table = LOG_TABLE_NAMES.find((name) => name === task_type);
  return table ? await cleanLogTable(ctx, table, job) : await cleanExports(ctx, job);
}

async function cleanExports(ctx: Context, { params, signal }: JobRun<CleanupParams>): Promise<CleanupResult> {
  const preview = params.dry_run ? await previewExportsCleanup(ctx, params.days_to_keep) : undefined;
  const cutoff = preview?.cutoff ?? cutoffOf(await databaseNow(ctx.db.sql), params.days_to_keep);
  const expired = await expireExports(ctx, { createdBefore: cutoff, dryRun: params.dry_run, signal });
  return {
    task_type: params.task_type,
    days_to_keep: params.days_to_keep,
    cutoff,
    dry_run: params.dry_run,
    ...expired,
    partitions_dropped: 0,
    archived_count: 0,
    archive_files: [],
    reusable_bytes: 0,
    ...(preview && { preview }),
  };
}
