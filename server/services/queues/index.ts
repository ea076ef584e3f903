export { peekQueue } from "./peek-queue";
export { setQueuePaused } from "./queue-state";
export { queueStatus, STALLED_SECONDS } from "./queue-status";
export { makeIntakeThrottle } from "./throttle";
export { aliveWorkers, startWorkerHeartbeat, type WorkerState } from "./workers";
