export { filterNames } from "./filters";
export { type LogQuery, listLogs } from "./list-logs";
export { tableStats } from "./table-stats";
