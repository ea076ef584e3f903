export { filterNames } from "./filters";
export { type LogQuery, listLogs } from "./list-logs";
export { type TableStats, tableStats } from "./table-stats";
