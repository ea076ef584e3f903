export { checkHealth } from "./check-health";
export { type DiskUse, diskUse } from "./disk-use";
