import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskError, maskFor, maskResult } from "@/server/services/privacy";
import { type ScheduledTasks, type TaskName, type TaskRun, taskRun } from "./contract";
import { scheduledTasksStatus, taskRuns } from "./status";

/** Reads tasks and their runs on behalf of `principal`, with results that reveal nothing masked. */
export function taskReader(ctx: Context, principal: Principal) {
  return {
    status: async (): Promise<ScheduledTasks> => {
      const [status, mask] = await Promise.all([scheduledTasksStatus(ctx), maskFor(ctx, principal)]);
      const tasks = status.tasks.map((task) => ({ ...task, last_run: task.last_run && maskRun(task.last_run, mask) }));
      return { ...status, tasks };
    },
    runs: async (name: TaskName, limit: number): Promise<TaskRun[]> => {
      const [runs, mask] = await Promise.all([taskRuns(ctx, name, limit), maskFor(ctx, principal)]);
      return runs.map((run) => maskRun(run, mask));
    },
  };
}

function maskRun(run: TaskRun, mask: Mask): TaskRun {
  if (mask.columns.size === 0) return run;
  const result = run.result && maskResult({ ...run.result }, mask);
  return taskRun.parse({ ...run, result, error: run.error && maskError(run.error, mask) });
}
