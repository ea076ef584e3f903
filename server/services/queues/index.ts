export { startCollectorHeartbeat } from "./collectors";
export { peekQueue } from "./peek-queue";
export { getQueueMapping, previewQueueMapping, setQueueMapping } from "./queue-mapping";
export { setQueuePaused } from "./queue-state";
export { queueStatus, STALLED_SECONDS } from "./queue-status";
export { makeIntakeThrottle } from "./throttle";
export { aliveWorkers, startWorkerHeartbeat, type WorkerState } from "./workers";
