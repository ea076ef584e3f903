export { flushValuesIndexes } from "./flush-values-indexes";
export { type Maintenance, withMaintenance } from "./maintenance";
export type { CleanupStep } from "./maintenance/steps";
export { refreshStatistics } from "./refresh-statistics";
export { cachedTableStats, tableStats } from "./table-stats";
