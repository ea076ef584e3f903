import type { Context } from "@/server/process/context";

/** Every scheduled task, in the order in which they are shown. */
export const TASK_NAMES = ["data_cleanup", "export_files_cleanup", "health_check", "partition_maintenance"] as const;

export type TaskName = (typeof TASK_NAMES)[number];

/** Before any other, so that the night's cleanup finds its months. */
const PARTITION_MAINTENANCE = "30 0 * * *";

/** The cron expression of a task that nobody changed. */
export function defaultSchedule(ctx: Context, name: TaskName): string {
  const { schedules } = ctx.config;
  return name === "partition_maintenance" ? PARTITION_MAINTENANCE : schedules[name];
}

export function isTaskName(name: string): name is TaskName {
  return TASK_NAMES.some((known) => known === name);
}
