export { foldCounters, type QueueHistory, queueHistory } from "./counters";
export {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPage,
  type DeadLetterSelection,
  deadLetterGroups,
  discardDeadLetters,
  listDeadLetters,
} from "./dead-letters";
export { insertAccessLogs, insertEvents, insertUserActivities, storeClaim, storeDeadLetters } from "./insert";
export { type IngestProgress, ingest, MAX_DOCUMENT_BYTES } from "./intake";
export { pausedQueues, setQueuePaused } from "./queue-state";
export { type QueueFigures, type QueueStatus, queueStatus, type WorkerStatus } from "./queue-status";
export { type ReplayResult, replayDeadLetters } from "./replay";
export type { IngestResult, IntakeResult } from "./types";
export { ALIVE_SECONDS, startWorkerHeartbeat, type WorkerActivity, type WorkerHeartbeat } from "./workers";
