export { noteDownload, openExport } from "./files/open-file";
export { type ExpiryPreview, previewExpiry } from "./files/preview-expiry";
export { deleteExport, expireExports } from "./files/remove";
export { sweepExports } from "./files/sweep";
export type { ExportParams } from "./plan";
export { type ExportPreview, previewExport } from "./preview";
export { type ExportManifest, type ExportPage, type ExportRecord, findExport, listExports } from "./records";
export { type ExportRun, exportToFile, runExport } from "./run-export";
export { startExport } from "./start-export";
