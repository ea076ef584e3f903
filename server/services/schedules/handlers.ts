import { LOG_TABLE_NAMES, type LogTableName, logTableList } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { ensurePartitions, monthsAhead } from "@/server/db/partitions";
import { AppError, toAppError, toErrorValue } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { expireExports } from "@/server/services/exports";
import { checkHealth } from "@/server/services/health";
import { deleteOldImports } from "@/server/services/imports";
import {
  deleteOldJobs,
  hasEnded,
  type JobParams,
  type JobRun,
  JobStopped,
  requesterOf,
  waitForJob,
} from "@/server/services/jobs";
import { startCleanup } from "@/server/services/retention";
import { retentionDays } from "@/server/services/retention-policies";
import type { TaskName, TaskResult } from "./contract";
import { isTaskName } from "./tasks";

type TaskRunning = JobRun<JobParams<"scheduled_task">>;
type CleanupRun = TaskResult<"data_cleanup">;

/** The handler of each task. */
const handlers: { readonly [Name in TaskName]: (ctx: Context, run: TaskRunning) => Promise<TaskResult<Name>> } = {
  data_cleanup: cleanUpTables,
  export_files_cleanup: (ctx, run) => expireExports(ctx, { signal: run.signal }),
  health_check: checkHealth,
  partition_maintenance: async (ctx, { signal }) => {
    const months = monthsAhead(ctx.now());
    for (const table of logTableList) await ensurePartitions(ctx.db.ddl[table.name], table.tableName, months);
    return {
      months,
      forgotten_jobs: await deleteOldJobs(ctx),
      forgotten_imports: await deleteOldImports(ctx, signal),
    };
  },
};

/** Runs the job of a scheduled task. */
export async function runScheduledTask(ctx: Context, run: TaskRunning): Promise<TaskResult> {
  const { task } = run.params;
  if (!isTaskName(task)) throw new AppError("schedule.unknown", { task });
  return handlers[task](ctx, run);
}

/** Cleans up each table by its policy. A failure of one, or a manual cleanup of it, does not affect the others. */
async function cleanUpTables(ctx: Context, run: TaskRunning): Promise<CleanupRun> {
  const result: CleanupRun = {};
  let failure: unknown;
  for (const table of LOG_TABLE_NAMES) {
    try {
      result[table] = await cleanUp(ctx, run, table);
    } catch (error) {
      run.signal.throwIfAborted();
      failure ??= error;
      result[table] = { error: toErrorValue(toAppError(error)) };
    }
  }
  if (failure !== undefined) throw new JobStopped(result, { cause: failure });
  return result;
}

/** Starts a cleanup by the policy as a separate, cancellable job. Repeated calls return the same job. */
async function cleanUp(ctx: Context, run: TaskRunning, table: LogTableName): Promise<CleanupRun[LogTableName]> {
  const params = { task_type: table, days_to_keep: await retentionDays(ctx, table), keep_restored: true };
  // The requester of the run is the requester of its jobs: the schedule, or the administrator who started it.
  const principal = { ...(await requesterOf(ctx, run.id)), role: "admin" as const };
  const started = await startCleanup(ctx, principal, params, {
    joinKey: `${run.id}:${table}`,
    fence: run.fence,
  });
  const job = await waitForJob(ctx, started.job_id, { seconds: Number.POSITIVE_INFINITY, signal: run.signal });
  if (!hasEnded(job)) run.signal.throwIfAborted();
  if (job.kind !== "cleanup" || job.status !== "completed" || job.result === null) {
    const reason = job.error ?? errorValue("other", { text: job.status });
    throw new AppError("retention.cleanup_incomplete", { table, job: job.job_id, reason });
  }
  return { job_id: job.job_id, ...job.result };
}
