import type { LogTableName } from "@/server/catalog";
import { databaseNow } from "@/server/db/clock";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { previewExpiry } from "@/server/services/exports";
import { isTimeout, readingOf, tooSlow } from "@/server/services/logs";
import type { CleanupPreview } from "../contract";
import { cutoffOf, retainedPeriods } from "./expiry";
import { previewArchive, previewExpired } from "./preview-cleanup";

interface PreviewOptions {
  readonly daysToKeep: number;
  readonly archive: boolean;
  /** Keep rows that were restored from an archive, as the automatic cleanup does. */
  readonly keepRestored: boolean;
  /** The start time of the cleanup; by default now, by PostgreSQL's clock. */
  readonly at?: Date;
}

/** Timeout in milliseconds of counting for an interactive request, even over a hundred months. */
const COUNT_TIMEOUT_MS = 10_000;

/**
 * Runs previewCleanup for an interactive request: on the read pool, with a timeout.
 * @throws AppError UNPROCESSABLE when counting takes too long
 */
export async function previewCleanupWithin(
  ctx: Context,
  table: LogTableName,
  options: PreviewOptions,
  withinMs = COUNT_TIMEOUT_MS,
): Promise<CleanupPreview> {
  try {
    return await previewCleanup(readingOf(ctx, table), table, options, withinMs);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : error;
  }
}

/**
 * Counts the rows that a cleanup of `table` would delete, with the same predicate.
 * @param withinMs statement timeout in milliseconds; by default none
 */
export async function previewCleanup(
  ctx: Context,
  table: LogTableName,
  { daysToKeep, archive, keepRestored, ...options }: PreviewOptions,
  withinMs?: number,
): Promise<CleanupPreview> {
  const at = options.at ?? (await databaseNow(ctx.db.sql));
  const cutoff = cutoffOf(at, daysToKeep);
  const retained = keepRestored ? await retainedPeriods(ctx.db.sql, table, instantOf(at)) : [];
  const preview = await previewExpired(ctx, table, { cutoff, retained }, withinMs);
  return {
    task_type: table,
    days_to_keep: daysToKeep,
    cutoff,
    ...preview,
    archive: archive ? await previewArchive(ctx, table, preview.matched_count) : null,
  };
}

/**
 * Counts the exports that a cleanup would delete; they have no archive.
 * @param at evaluates each export's own expiry at this time, as the automatic cleanup does, instead of its age
 */
export async function previewExportsCleanup(ctx: Context, daysToKeep: number, at?: Date): Promise<CleanupPreview> {
  const cutoff = cutoffOf(at ?? (await databaseNow(ctx.db.sql)), daysToKeep);
  const { months, ...preview } = await previewExpiry(
    ctx,
    at ? { expiredBy: instantOf(at) } : { createdBefore: cutoff },
  );
  return {
    task_type: "exports",
    days_to_keep: daysToKeep,
    cutoff,
    ...preview,
    // Removing a file frees all of its bytes.
    months: months.map((month) => ({ ...month, kept_count_is_exact: true, is_whole: true })),
    archive: null,
  };
}
