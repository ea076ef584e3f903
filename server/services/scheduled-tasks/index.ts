export { changeTask } from "./change";
export { keepSchedules } from "./keep-schedules";
export { cleanupOutlook } from "./outlook";
export { runTaskNow } from "./plan";
export { previewSchedule } from "./preview";
export { type ScheduledTasks, scheduledTasksStatus, taskRuns } from "./status";
export { TASK_NAMES } from "./tasks";
export { runScheduledTask } from "./works";
