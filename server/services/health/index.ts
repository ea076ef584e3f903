export { checkHealth } from "./check-health";
export { diskUse } from "./disk-use";
