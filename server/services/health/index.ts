export { checkHealth, isReady, sharedHealth } from "./check-health";
export { clockReadings, makeClockReport } from "./clocks";
export { type DiskUse, diskLimit, diskUse } from "./disk-use";
export { segmentLag } from "./segment-lag";
