export { changeTask, type TaskChange } from "./change";
export { keepSchedules } from "./keep-schedules";
export { runTaskNow } from "./plan";
export { type ScheduledTasks, scheduledTasksStatus, type TaskRun, taskRuns } from "./status";
export { TASK_NAMES, type TaskName } from "./tasks";
export { runScheduledTask } from "./works";
