import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/context";
import { databaseNow } from "@/server/db/clock";
import { previewExpiry } from "@/server/services/data-export";
import { type Instant, instantOf } from "@/server/time";
import { cutoffOf, keptPeriods } from "./expiry";
import { type ArchivePreview, type CleanupPreview, previewArchive, previewExpired } from "./preview";

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

/** Counts what a cleanup of `table` would take, by the predicate that it deletes by. */
export async function previewCleanup(
  ctx: Context,
  table: LogTableName,
  { daysToKeep, archive, keepRestored, ...options }: PreviewOptions,
): Promise<TablePreview> {
  const at = options.at ?? (await databaseNow(ctx.db.sql));
  const cutoff = cutoffOf(at, daysToKeep);
  const kept = keepRestored ? await keptPeriods(ctx.db.sql, table, instantOf(at)) : [];
  const preview = await previewExpired(ctx, table, { cutoff, kept });
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
