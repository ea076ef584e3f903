export { rebuildSegments } from "./rebuild";
export { runSegmentWriter } from "./run-writer";
export { segmentStatus } from "./status";
export { verifySegments } from "./verify";
