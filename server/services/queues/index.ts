export { setQueuePaused } from "./queue-state";
export { type QueueStatus, queueStatus, STALLED_SECONDS } from "./queue-status";
export { makeIntakeThrottle } from "./throttle";
export { ALIVE_SECONDS, startWorkerHeartbeat, type WorkerActivity } from "./workers";
