export { cacheFolder, recordUse, removeUnused, requireCacheSpace } from "./cached-file";
export { type Coverage, type CoveredPart, coverageOf, type Executor, instantText } from "./coverage";
export { FilesNeeded } from "./files-needed";
export { SEGMENT_LAYOUT } from "./layout-version";
export { availableFile, localFile } from "./local-file";
export type { Segment, TimeRange } from "./segment";
export { availableSegmentFiles, segmentFile } from "./segment-file";
export { fileTasks } from "./shared-tasks";
export { DamagedFile, verifyFile } from "./verify-file";
