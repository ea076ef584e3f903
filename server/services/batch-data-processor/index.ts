export { listArchives } from "./archive/list";
export { noteArchiveDownload, openArchive } from "./archive/open";
export { archiveReader, type ShownArchivePage } from "./archive/reader";
export { type ArchiveCheck, verifyArchive } from "./archive/verify";
export { makeBreath } from "./cleanup/breath";
export { askCleanup, previewExportsCleanup, type TablePreview } from "./cleanup/policies";
export { startCleanup } from "./cleanup/start";
export { runCleanup } from "./cleanup/work";
export { foldCounters, type QueueHistory, queueHistory } from "./counters";
export { deadLetterReader } from "./dead-letter-reader";
export {
  type DeadLetter,
  type DeadLetterGroup,
  type DeadLetterPage,
  deadLetterGroups,
  discardDeadLetters,
  listDeadLetters,
} from "./dead-letters";
export { addRemoved } from "./import-rows";
export { insertAccessLogs, insertUserActivities, storeClaim } from "./insert";
export { type IngestProgress, ingest, MAX_DOCUMENT_BYTES, previewImport, SILENT_SECONDS } from "./intake";
export { type Maintenance, withMaintenance } from "./maintenance";
export { setQueuePaused } from "./queue-state";
export { type QueueStatus, queueStatus, STALLED_SECONDS } from "./queue-status";
export { type ReplayResult, replayDeadLetters } from "./replay";
export { restoreInput } from "./restore/params";
export { runRestore } from "./restore/run";
export { startRestore } from "./restore/start";
export type { IngestResult } from "./types";
export { ALIVE_SECONDS, startWorkerHeartbeat, type WorkerActivity } from "./workers";
