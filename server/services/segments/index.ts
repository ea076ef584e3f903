export { type Coverage, type CoveredPart, coverageOf, type Executor } from "./coverage";
export type { Segment, TimeRange } from "./segment";
export { segmentFile } from "./segment-file";
