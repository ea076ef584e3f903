export { checkHealth, type Health, type PartHealth } from "./health";
