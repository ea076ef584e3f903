export { cacheFolder, recordUse, removeUnused } from "./cached-file";
export { type Coverage, type CoveredPart, coverageOf, type Executor } from "./coverage";
export { SEGMENT_LAYOUT } from "./layout-version";
export { localFile } from "./local-file";
export type { Segment, TimeRange } from "./segment";
export { segmentFile } from "./segment-file";
export { DamagedFile, verifyFile } from "./verify-file";
