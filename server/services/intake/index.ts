export { CREATED_AT, type DeadLetterFormat, ID, type IncomingEvent, type Row } from "./batch";
export { type Collected, type CollectedEvent, collect } from "./collectors/collect";
export { makeCsvRowReader } from "./events/csv-row-reader";
export { tooLongError } from "./events/event-limit";
export { readJsonEvent } from "./events/json-event";
export { prepareBatch } from "./events/prepare";
export { hashArray, rowHashSql } from "./identity/row-hash";
export { insertAccessLogs, insertUserActivities, storeClaim } from "./insert";
export {
  compileEventMapping,
  compileMapping,
  isMappingName,
  memberPaths,
  PRESETS,
  parsePath,
  readMapped,
  replaceAt,
  replaceMapping,
} from "./mappings";
export { expireQueueMapping } from "./queued/current-mapping";
export { examineQueued } from "./queued/examine";
export {
  HEARTBEAT_TIMEOUT_SECONDS,
  IngestError,
  type IngestProgress,
  ingest,
  MAX_DOCUMENT_BYTES,
  previewImport,
} from "./read";
export { scanValues } from "./read/json-elements";
export { type Line, readLines, withoutCarriageReturn } from "./read/lines";
export { rowValues } from "./row";
export { currentRules, expireRules } from "./rules/current-rules";
export { expressionProblem } from "./rules/redactor";
export { compileRule } from "./rules/rule-set";
export {
  BUCKET_SECONDS,
  countIntake,
  foldCounters,
  hoursOf,
  markDirtyHours,
  queueHistory,
} from "./store/counters";
export { deleteUnusedHeaders } from "./store/dead-letter-store";
export { addRemoved, countTags, removeUndone, timesOf } from "./store/import-rows";
export { arrayLiterals, INSERT_STATEMENTS } from "./store/insert-statements";
export { clearKnownPartitions, createPartitionsFor } from "./store/partitions";
export { storeRows } from "./store/store-batch";
export type { StreamState } from "./stream/stream-state";
export { openSyslogStream, type SyslogStream } from "./stream/syslog-stream";
export { isCompressed } from "./unpack/compressions";
