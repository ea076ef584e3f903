export { IngestError, ingest } from "./ingest";
export type { IngestProgress } from "./ingest-progress";
export { MAX_DOCUMENT_BYTES } from "./json-document";
export { HEARTBEAT_TIMEOUT_SECONDS } from "./open-import";
export { previewImport } from "./preview-import";
