import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Context } from "@/server/context";
import { type Instant, instantOf } from "@/server/time";
import { cutoffOf, keptPeriods } from "./expiry";
import { type ArchivePreview, type CleanupPreview, previewArchive, previewExpired } from "./preview";

/** What a cleanup of a log table would do now. */
export interface TablePreview extends CleanupPreview {
  readonly task_type: LogTableName;
  readonly days_to_keep: number;
  readonly cutoff: Instant;
  /** Null when it is not to archive. */
  readonly archive: ArchivePreview | null;
}

/**
 * Counts what a cleanup of `table` would take now.
 * @param keepRestored as the automatic cleanup does
 */
export async function previewCleanup(
  ctx: Context,
  table: LogTableName,
  { daysToKeep, archive, keepRestored }: { daysToKeep: number; archive: boolean; keepRestored: boolean },
): Promise<TablePreview> {
  const now = ctx.now();
  const cutoff = cutoffOf(now, daysToKeep);
  const kept = keepRestored ? await keptPeriods(ctx.db.sql, table, instantOf(now)) : [];
  const preview = await previewExpired(ctx, table, { cutoff, kept });
  return {
    task_type: table,
    days_to_keep: daysToKeep,
    cutoff,
    ...preview,
    archive: archive ? await previewArchive(ctx, table, preview.matched_count) : null,
  };
}

/** Each log table's retention, with what the automatic cleanup would take now. */
export async function retentionPolicies(ctx: Context): Promise<TablePreview[]> {
  const policies: TablePreview[] = [];
  for (const table of LOG_TABLE_NAMES) {
    const daysToKeep = ctx.config.retentionDays[table];
    policies.push(await previewCleanup(ctx, table, { daysToKeep, archive: true, keepRestored: true }));
  }
  return policies;
}
