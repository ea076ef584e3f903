export { ingest } from "./ingest";
export { MAX_DOCUMENT_BYTES } from "./json-document";
export { SILENT_SECONDS } from "./open-import";
export { previewImport } from "./preview";
export type { IngestProgress } from "./tally";
