export { setQueuePaused } from "./queue-state";
export { queueStatus, STALLED_SECONDS } from "./queue-status";
export { makeIntakeThrottle } from "./throttle";
export { ALIVE_SECONDS, startWorkerHeartbeat } from "./workers";
