export { changeTask } from "./change";
export { keepSchedules } from "./keep-schedules";
export { runTaskNow } from "./plan";
export { type ScheduledTasks, scheduledTasksStatus, taskRuns } from "./status";
export { TASK_NAMES } from "./tasks";
export { runScheduledTask } from "./works";
