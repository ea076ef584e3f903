import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context } from "@/server/context";
import { previewCleanup, previewExportsCleanup, type TablePreview } from "@/server/services/batch-data-processor";
import type { Instant } from "@/server/time";
import { scheduledTasksStatus } from "./status";
import type { TaskName } from "./tasks";

/** A retention policy, and what its next scheduled cleanup would remove by it. */
export interface RetentionOutlook extends TablePreview {
  readonly task: TaskName;
  /** Null while the task is disabled: what is told would be removed if it ran now. */
  readonly next_run_at: Instant | null;
}

export interface CleanupOutlook {
  readonly policies: RetentionOutlook[];
  /** How long archives are kept; 0 for ever. */
  readonly archives_retention_days: number;
}

/** Every retention policy with what the night's cleanup would remove. */
export async function cleanupOutlook(ctx: Context): Promise<CleanupOutlook> {
  const { tasks } = await scheduledTasksStatus(ctx);
  const { retentionDays, archivesRetentionDays } = ctx.config;
  const timeOf = (name: TaskName) => {
    const next = tasks.find((task) => task.name === name)?.next_run_at ?? null;
    // One that is overdue runs as soon as a worker is there.
    const at = next === null ? ctx.now() : new Date(Math.max(Date.parse(next), ctx.now().getTime()));
    return { at, next_run_at: next };
  };
  const policies: RetentionOutlook[] = [];
  const night = timeOf("data_cleanup");
  for (const table of LOG_TABLE_NAMES) {
    const options = { daysToKeep: retentionDays[table], archive: true, keepRestored: true, at: night.at };
    const preview = await previewCleanup(ctx, table, options);
    policies.push({ ...preview, task: "data_cleanup", next_run_at: night.next_run_at });
  }
  const files = timeOf("export_files_cleanup");
  const exports = await previewExportsCleanup(ctx, retentionDays.exports, files.at);
  policies.push({ ...exports, task: "export_files_cleanup", next_run_at: files.next_run_at });
  return { policies, archives_retention_days: archivesRetentionDays };
}
