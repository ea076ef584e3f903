import type { ErrorValue } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { archivedRows, damageOf, problemOf } from "@/server/services/archive-files";
import { clearKnownPartitions, createPartitionsFor } from "@/server/services/intake";
import { type JobRun, JobStopped } from "@/server/services/jobs";
import { makeIntakeThrottle } from "@/server/services/queues";
import { type Maintenance, withMaintenance } from "@/server/services/tables";
import { type Archive, findArchive, recordVerified } from "../archives/records";
import type { Period } from "../cleanup/expiry";
import type { RestoreParams, RestoreResult } from "../contract";
import { openTally, restoreBatch } from "./batch";
import { readRestoreParams } from "./params";
import { recordRestored } from "./periods";

/** An archive and the period that is restored from it. */
interface Part {
  readonly archive: Archive;
  readonly period: Period;
}

/**
 * Runs a restore job: inserts the rows of archives of a table, or of a period of them, into their table. All are
 * verified before the first row. Existing rows are unchanged, so it is repeatable.
 * @throws AppError NOT_FOUND, UNPROCESSABLE; CONFLICT when the archive is corrupted or the table has other maintenance;
 * JobStopped with the result so far. Rows restored by then remain
 */
export async function runRestore(ctx: Context, job: JobRun<RestoreParams>): Promise<RestoreResult> {
  const { archive_id, archive_ids = archive_id === undefined ? [] : [archive_id] } = job.params;
  const archives = await Promise.all(archive_ids.map((id) => findArchive(ctx.db.sql, id)));
  const { requested, keepUntil } = await readRestoreParams(ctx, job.params);
  const parts = archives.flatMap((archive): Part[] => {
    const period = overlap(archive.period, requested);
    return period ? [{ archive, period }] : [];
  });
  const [first] = parts;
  if (!first) throw new AppError("archive.no_rows", {});
  const { table } = first.archive;
  return await withMaintenance(ctx, table, job.fence, async (maintenance) => {
    job.progress({ done: 0, total: null, unit: "rows", phase: "verifying" });
    for (const { archive } of parts) {
      job.signal.throwIfAborted();
      const problem = await problemOf(ctx, archive);
      await maintenance.transaction((tx) => recordVerified(tx, archive, problem));
      if (problem !== null) throw damaged(problem);
    }
    // Recorded before the first row, so that the next cleanup knows that the archives and the table share rows.
    const before = await maintenance.transaction(async (tx) => {
      for (const { archive, period } of parts)
        await recordRestored(tx, archive, period, { keepUntil, by: job.requestedBy });
      return await openTally(tx, job.id);
    });
    clearKnownPartitions(ctx, table);
    const counts = { matched: 0, restored: 0, different: 0 };
    const result = (): RestoreResult => {
      // Rows of an earlier attempt are found as present, but were restored by this job.
      const restored = Math.min(before + counts.restored, counts.matched - counts.different);
      return {
        archive_id: first.archive.id,
        table,
        matched_count: counts.matched,
        restored_count: restored,
        present_count: counts.matched - restored - counts.different,
        different_count: counts.different,
        keep_until: keepUntil,
      };
    };
    try {
      await restoreRows({ ctx, parts, maintenance, job }, counts);
    } catch (error) {
      if (job.signal.aborted) throw new JobStopped(result());
      const broken = damageOf(error);
      throw new JobStopped(result(), { cause: broken === null ? error : damaged(broken) });
    }
    return result();
  });
}

interface Restoring {
  readonly ctx: Context;
  readonly parts: readonly Part[];
  readonly maintenance: Maintenance;
  readonly job: JobRun<RestoreParams>;
}

/** Adds each batch to `counts` after it is committed. */
async function restoreRows(
  { ctx, parts, maintenance, job }: Restoring,
  counts: { matched: number; restored: number; different: number },
): Promise<void> {
  const throttle = makeIntakeThrottle(ctx, job.signal);
  // The number of rows in a part of an archive is only known by reading it.
  const isWhole = parts.every(
    ({ archive: { period: whole }, period: { from, to } }) => from === whole.from && to === whole.to,
  );
  const total = isWhole ? parts.reduce((sum, { archive }) => sum + archive.rowCount, 0) : null;
  for (const { archive, period } of parts) {
    for await (const rows of archivedRows(ctx, archive, { size: ctx.config.maxBatchSize, period })) {
      job.signal.throwIfAborted();
      const begin = Date.now();
      await createPartitionsFor(ctx, archive.table, rows);
      const { restored, different } = await maintenance.transaction((tx) => restoreBatch(tx, archive, job.id, rows));
      counts.matched += rows.length;
      counts.restored += restored;
      counts.different += different;
      job.progress({ done: counts.matched, total, unit: "rows", phase: "restoring" });
      await throttle(Date.now() - begin);
    }
  }
  job.progress({ done: counts.matched, total: counts.matched, unit: "rows", phase: "restoring" });
}

function damaged(reason: ErrorValue): AppError {
  return new AppError("archive.corrupted", { reason });
}

function overlap(whole: Period, requested: Partial<Period>): Period | undefined {
  const from = requested.from !== undefined && requested.from > whole.from ? requested.from : whole.from;
  const to = requested.to !== undefined && requested.to < whole.to ? requested.to : whole.to;
  return from < to ? { from, to } : undefined;
}
