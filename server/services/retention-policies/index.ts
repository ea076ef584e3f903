export { changePolicy, listPolicies, requireDays, resetPolicy, retentionDays } from "./policies";
