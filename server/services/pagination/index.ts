export { filterNames } from "./filters";
export { type LogQuery, listLogs } from "./list-logs";
