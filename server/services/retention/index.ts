export { listArchives } from "./archives/list";
export { findArchiveFile, recordArchiveDownload } from "./archives/open";
export { archiveReader } from "./archives/reader";
export { verifyArchive } from "./archives/verify";
export { runCleanup } from "./cleanup/handler";
export { previewCleanupWithin, previewExportsCleanup } from "./cleanup/policies";
export { startCleanup } from "./cleanup/start-cleanup";
export { runRestore } from "./restore/run-restore";
export { startRestore } from "./restore/start-restore";
