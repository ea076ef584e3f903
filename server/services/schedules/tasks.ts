import type { Context } from "@/server/process/context";
import { TASK_NAMES, type TaskName } from "./contract";

/** Before the nightly cleanup, which requires the partitions. */
const PARTITION_MAINTENANCE = "30 0 * * *";

/** The default cron expression of a task. */
export function defaultSchedule(ctx: Context, name: TaskName): string {
  const { schedules } = ctx.config;
  return name === "partition_maintenance" ? PARTITION_MAINTENANCE : schedules[name];
}

export function isTaskName(name: string): name is TaskName {
  return TASK_NAMES.some((known) => known === name);
}
