import type { LogTableName } from "@/server/catalog";
import { databaseNow } from "@/server/db/clock";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { previewExpiry } from "@/server/services/exports";
import { isTimeout, readingOf, tooSlow } from "@/server/services/logs";
import { cutoffOf, keptPeriods } from "./expiry";
import { type ArchivePreview, type CleanupPreview, previewArchive, previewExpired } from "./preview-cleanup";

/** What a cleanup of a log table, or of the exports, would do. */
export interface TablePreview extends CleanupPreview {
  readonly task_type: LogTableName | "exports";
  readonly days_to_keep: number;
  readonly cutoff: Instant;
  /** Null when it is not to archive. */
  readonly archive: ArchivePreview | null;
}

interface PreviewOptions {
  readonly daysToKeep: number;
  readonly archive: boolean;
  /** Leave rows alone that came back from an archive, as the automatic cleanup does. */
  readonly keepRestored: boolean;
  /** When the cleanup would begin; now, by PostgreSQL's clock, when not given. */
  readonly at?: Date;
}

/** Milliseconds that the counting for a person's question may take, be it of a hundred months. */
const ASKED_WITHIN_MS = 10_000;

/**
 * previewCleanup as people ask for it: on the connections for reading, and not for long.
 * @throws AppError UNPROCESSABLE when counting takes too long
 */
export async function askCleanup(
  ctx: Context,
  table: LogTableName,
  options: PreviewOptions,
  withinMs = ASKED_WITHIN_MS,
): Promise<TablePreview> {
  try {
    return await previewCleanup(readingOf(ctx, table), table, options, withinMs);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : error;
  }
}

/**
 * Counts what a cleanup of `table` would take, by the predicate that it deletes by.
 * @param withinMs after so many milliseconds of counting PostgreSQL stops; never when not given
 */
export async function previewCleanup(
  ctx: Context,
  table: LogTableName,
  { daysToKeep, archive, keepRestored, ...options }: PreviewOptions,
  withinMs?: number,
): Promise<TablePreview> {
  const at = options.at ?? (await databaseNow(ctx.db.sql));
  const cutoff = cutoffOf(at, daysToKeep);
  const kept = keepRestored ? await keptPeriods(ctx.db.sql, table, instantOf(at)) : [];
  const preview = await previewExpired(ctx, table, { cutoff, kept }, withinMs);
  return {
    task_type: table,
    days_to_keep: daysToKeep,
    cutoff,
    ...preview,
    archive: archive ? await previewArchive(ctx, table, preview.matched_count) : null,
  };
}

/**
 * Counts what a cleanup of the exports would take; they have no archive.
 * @param at when each export's own expiry is looked at, as the automatic cleanup does, instead of its age
 */
export async function previewExportsCleanup(ctx: Context, daysToKeep: number, at?: Date): Promise<TablePreview> {
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
    // A file gives all of its bytes back to the disk.
    months: months.map((month) => ({ ...month, kept_count_is_exact: true, is_whole: true })),
    archive: null,
  };
}
