export { collectReadings } from "./collect";
export { databaseVolume } from "./database-volume";
export { knownDisks } from "./disks";
export { durationQuantiles, lastMinutes, latestReadings, type Quantile, quantileOf } from "./latest";
export { RETENTION_DAYS, rollUpMetrics } from "./roll-up";
export { minuteOf, writeCounts } from "./write";
