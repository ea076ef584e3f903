export { ingest } from "./ingest";
export { MAX_DOCUMENT_BYTES } from "./json-document";
export type { IngestProgress } from "./tally";
