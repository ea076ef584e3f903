export { filterNames, type LogFilters } from "./filters";
export { type LogPage, type LogQuery, type LogRow, listLogs } from "./list-logs";
