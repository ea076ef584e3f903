export { changeTask } from "./change";
export { runScheduledTask } from "./handlers";
export { cleanupOutlook, previewPolicy } from "./outlook";
export { runTaskNow } from "./plan";
export { previewSchedule } from "./preview-schedule";
export { runScheduler } from "./run-scheduler";
export { scheduledTasksStatus } from "./status";
export { taskReader } from "./task-reader";
