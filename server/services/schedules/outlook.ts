import { sharedRead } from "@/server/cache";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskBytes, maskFor } from "@/server/services/privacy";
import {
  cutoffOf,
  previewArchivesExpiry,
  previewCleanupWithin,
  previewExportsCleanup,
} from "@/server/services/retention";
import { listPolicies, requireDays } from "@/server/services/retention-policies";
import type { PolicyId } from "@/server/services/retention-policies/contract";
import type { CleanupOutlook, PolicyPreview, RetentionOutlook, TaskName } from "./contract";
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
  const archives = { ...outlook.archives, matched_bytes: rounded(outlook.archives.matched_bytes) };
  return { ...outlook, policies, archives };
}

async function readOutlook(ctx: Context): Promise<CleanupOutlook> {
  const [{ night, files }, current] = await Promise.all([nextRuns(ctx), listPolicies(ctx)]);
  const daysOf = (id: PolicyId) => current.find((one) => one.id === id)?.days ?? 0;
  const policies = await Promise.all([
    ...LOG_TABLE_NAMES.map(async (table): Promise<RetentionOutlook> => {
      const options = { daysToKeep: daysOf(table), archive: true, keepRestored: true, at: night.at };
      const preview = await previewCleanupWithin(ctx, table, options);
      return { ...preview, task: "data_cleanup", next_run_at: night.next_run_at };
    }),
    previewExportsCleanup(ctx, daysOf("exports"), files.at).then(
      (preview): RetentionOutlook => ({
        ...preview,
        task: "export_files_cleanup",
        next_run_at: files.next_run_at,
      }),
    ),
  ]);
  const { matched_count, matched_bytes } = await previewArchivesExpiry(ctx, daysOf("archives"), night.at);
  return {
    policies,
    archives_retention_days: daysOf("archives"),
    archives: { matched_count, matched_bytes, next_run_at: night.next_run_at },
  };
}

/**
 * Previews what the next scheduled cleanup would delete with another retention.
 * @throws AppError UNPROCESSABLE for too many days, or when counting takes too long
 */
export async function previewPolicy(
  ctx: Context,
  { id, days }: { readonly id: PolicyId; readonly days: number },
): Promise<PolicyPreview> {
  requireDays(id, days);
  const { night, files } = await nextRuns(ctx);
  const run = id === "exports" ? files : night;
  const facts = { id, days, next_run_at: run.next_run_at, cutoff: cutoffOf(run.at, days) };
  if (id === "archives")
    return { ...facts, unit: "files", ...(await previewArchivesExpiry(ctx, days, run.at)), archive: null };
  const { matched_count, matched_bytes, oldest, newest, archive } =
    id === "exports"
      ? await previewExportsCleanup(ctx, days, run.at)
      : await previewCleanupWithin(ctx, id, { daysToKeep: days, archive: true, keepRestored: true, at: run.at });
  const unit = id === "exports" ? "files" : "rows";
  return { ...facts, unit, matched_count, matched_bytes, oldest, newest, archive };
}

async function nextRuns(ctx: Context) {
  const { tasks } = await scheduledTasksStatus(ctx);
  const timeOf = (name: TaskName) => {
    const next = tasks.find((task) => task.name === name)?.next_run_at ?? null;
    // An overdue task runs as soon as a worker is available.
    const at = next === null ? ctx.now() : new Date(Math.max(Date.parse(next), ctx.now().getTime()));
    return { at, next_run_at: next };
  };
  return { night: timeOf("data_cleanup"), files: timeOf("export_files_cleanup") };
}
