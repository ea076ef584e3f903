import { sharedRead } from "@/server/cache";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskBytes, maskFor } from "@/server/services/privacy";
import { previewCleanupWithin, previewExportsCleanup } from "@/server/services/retention";
import type { CleanupOutlook, RetentionOutlook, TaskName } from "./contract";
import { scheduledTasksStatus } from "./status";

/** Cache lifetime in seconds: counting scans all expired rows. */
const CACHE_SECONDS = 5;

/**
 * Lists all retention policies with a preview of the next cleanup. Bytes are rounded to megabytes for principals with a
 * mask.
 * @throws AppError UNPROCESSABLE when counting takes too long
 */
export async function cleanupOutlook(ctx: Context, principal: Principal): Promise<CleanupOutlook> {
  const mask = await maskFor(ctx, principal);
  return await sharedRead(ctx, principal, ["cleanup outlook", mask.key], CACHE_SECONDS, async () =>
    hide(await readOutlook(ctx), mask),
  );
}

function hide(outlook: CleanupOutlook, mask: Mask): CleanupOutlook {
  const rounded = (bytes: number) => maskBytes(bytes, mask);
  const policies = outlook.policies.map((policy) => ({
    ...policy,
    matched_bytes: rounded(policy.matched_bytes),
    months: policy.months.map((month) => ({ ...month, matched_bytes: rounded(month.matched_bytes) })),
    archive: policy.archive && { ...policy.archive, estimated_bytes: rounded(policy.archive.estimated_bytes) },
  }));
  return { ...outlook, policies };
}

async function readOutlook(ctx: Context): Promise<CleanupOutlook> {
  const { tasks } = await scheduledTasksStatus(ctx);
  const { retentionDays, archivesRetentionDays } = ctx.config;
  const timeOf = (name: TaskName) => {
    const next = tasks.find((task) => task.name === name)?.next_run_at ?? null;
    // An overdue task runs as soon as a worker is available.
    const at = next === null ? ctx.now() : new Date(Math.max(Date.parse(next), ctx.now().getTime()));
    return { at, next_run_at: next };
  };
  const night = timeOf("data_cleanup");
  const files = timeOf("export_files_cleanup");
  const policies = await Promise.all([
    ...LOG_TABLE_NAMES.map(async (table): Promise<RetentionOutlook> => {
      const options = { daysToKeep: retentionDays[table], archive: true, keepRestored: true, at: night.at };
      const preview = await previewCleanupWithin(ctx, table, options);
      return { ...preview, task: "data_cleanup", next_run_at: night.next_run_at };
    }),
    previewExportsCleanup(ctx, retentionDays.exports, files.at).then(
      (preview): RetentionOutlook => ({
        ...preview,
        task: "export_files_cleanup",
        next_run_at: files.next_run_at,
      }),
    ),
  ]);
  return { policies, archives_retention_days: archivesRetentionDays };
}
