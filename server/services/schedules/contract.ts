import { z } from "zod";
import { mapLogTables } from "@/server/catalog";
import { storedError } from "@/server/catalog/errors";
import { JOB_STATUSES } from "@/server/catalog/job-statuses";
import { count, instant, nullableRenderedErrorFields, wholeNumber } from "@/server/lib/contract";
import { exportsExpired } from "@/server/services/exports/contract";
import { health } from "@/server/services/health/contract";
import { cleanupPreview, cleanupResult } from "@/server/services/retention/contract";
import { POLICY_IDS, policyChange } from "@/server/services/retention-policies/contract";

/** All scheduled tasks, in display order. */
export const TASK_NAMES = ["data_cleanup", "export_files_cleanup", "health_check", "partition_maintenance"] as const;
export type TaskName = (typeof TASK_NAMES)[number];

const name = z.enum(TASK_NAMES);
const schedule = z.string().max(100);

export const taskKey = z.strictObject({ name });
export const taskRunsQuery = z.strictObject({ name, limit: wholeNumber(1, 200).default(50) });
export const schedulePreviewInput = z.strictObject({ schedule });
const schedulePreview = z.object({
  problem: storedError.nullable(),
  next: z.array(instant).describe("The next three due times"),
});
export type SchedulePreview = z.infer<typeof schedulePreview>;

export const taskChange = z.strictObject({
  name,
  enabled: z.boolean().optional(),
  schedule: schedule.nullable().optional().describe("Cron expression; null for the configured one"),
});
export type TaskChange = Omit<z.infer<typeof taskChange>, "name">;

const tableCleanup = z.union([cleanupResult.extend({ job_id: z.guid() }), z.object({ error: storedError })]);

/** The result of a run, by task. */
export const taskResults = {
  data_cleanup: z
    .strictObject(mapLogTables(() => tableCleanup.optional()))
    .describe("The result and job of the cleanup, or its error, by log table"),
  export_files_cleanup: exportsExpired,
  health_check: health,
  partition_maintenance: z.object({
    months: z.array(z.string()).describe("Months that have partitions, such as 2026-08"),
    forgotten_jobs: count.describe("Records of old jobs that were deleted"),
    forgotten_imports: count.optional().describe("Records of old imports that were deleted; absent in older runs"),
  }),
} as const satisfies Record<TaskName, z.ZodType>;

export type TaskResult<Name extends TaskName = TaskName> = z.infer<(typeof taskResults)[Name]>;

const runFields = {
  job_id: z.guid(),
  trigger: z.enum(["schedule", "catch_up", "manual"]),
  requested_by: z.string(),
  due_at: instant,
  status: z.enum(JOB_STATUSES),
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
  duration_ms: z.int().nullable(),
  error: storedError.nullable(),
};

const runOf = <const Name extends TaskName, Result extends z.ZodType>(task: Name, result: Result) =>
  z.object({ ...runFields, task: z.literal(task), result: result.nullable() });

/** A run of a task, by its task. */
const runs = [
  runOf("data_cleanup", taskResults.data_cleanup),
  runOf("export_files_cleanup", taskResults.export_files_cleanup),
  runOf("health_check", taskResults.health_check),
  runOf("partition_maintenance", taskResults.partition_maintenance),
] as const;
export const taskRun = z.discriminatedUnion("task", runs);
export type TaskRun = z.infer<typeof taskRun>;

const task = z.object({
  name,
  schedule: z.string().describe("Cron expression in the configured time zone"),
  schedule_is_changed: z.boolean().describe("Whether an administrator set it, instead of the configuration"),
  default_schedule: z.string().describe("The configured cron expression"),
  enabled: z.boolean(),
  next_run_at: instant.nullable(),
  last_run: taskRun.nullable(),
  last_success_at: instant.nullable(),
  success_due_at: instant
    .nullable()
    .describe("The first due time since the last success. If it is long past, the task is failing"),
  missed_runs: z
    .int()
    .describe(
      "Due times of the last 7 days without a run, because no worker was available or the previous run was in progress",
    ),
  missed_runs_is_exact: z.boolean().describe("False if missed_runs is a minimum"),
});
export type TaskStatus = z.infer<typeof task>;

export const scheduledTasks = z.object({
  running: z.boolean().describe("Whether a worker is available to run the schedules"),
  timezone: z.string(),
  tasks: z.array(task),
});
const [dataCleanup, exportFilesCleanup, healthCheck, partitionMaintenance] = runs;
const runAnswer = z.discriminatedUnion("task", [
  dataCleanup.extend(nullableRenderedErrorFields),
  exportFilesCleanup.extend(nullableRenderedErrorFields),
  healthCheck.extend(nullableRenderedErrorFields),
  partitionMaintenance.extend(nullableRenderedErrorFields),
]);
/** The REST response. */
export const scheduledTasksAnswer = scheduledTasks.extend({
  tasks: z.array(task.extend({ last_run: runAnswer.nullable() })),
});
export type ScheduledTasks = z.infer<typeof scheduledTasks>;

/** A retention policy and the rows that its next scheduled cleanup deletes. */
const policy = cleanupPreview.extend({
  task: name,
  next_run_at: instant.nullable().describe("Null while the task is disabled; the preview is then for the current time"),
});
export type RetentionOutlook = z.infer<typeof policy>;

/** What a retention would delete at the next scheduled cleanup. */
export const policyPreview = z.object({
  id: z.enum(POLICY_IDS),
  days: z.int(),
  unit: z.enum(["rows", "files"]),
  next_run_at: instant.nullable().describe("Null while the task is disabled; the preview is then for the current time"),
  cutoff: instant.describe("Rows older than this are deleted. Export files are deleted at their own expiry date"),
  matched_count: count,
  matched_bytes: count,
  oldest: instant.nullable(),
  newest: instant.nullable(),
  archive: cleanupPreview.shape.archive,
});
export type PolicyPreview = z.infer<typeof policyPreview>;
export const policiesPreviewInput = z.strictObject({ policies: z.array(policyChange).min(1).max(POLICY_IDS.length) });
export const policiesPreview = z.object({ policies: z.array(policyPreview) });

const outlook = z.object({
  policies: z.array(policy),
  archives_retention_days: z.int().describe("Retention of archives; 0 for unlimited"),
  archives: z.object({
    matched_count: count.describe("Archives whose retention ends by the next cleanup"),
    matched_bytes: count,
    next_run_at: instant.nullable(),
  }),
});
export type CleanupOutlook = z.infer<typeof outlook>;
