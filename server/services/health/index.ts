export { checkHealth, isReady, sharedHealth } from "./check-health";
export { clockReadings, makeClockReport } from "./clocks";
export { type DiskUse, diskUse } from "./disk-use";
