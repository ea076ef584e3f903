export { filterNames } from "./filters";
export { type LogPage, type LogQuery, listLogs } from "./list-logs";
export { type TableStats, tableStats } from "./table-stats";
