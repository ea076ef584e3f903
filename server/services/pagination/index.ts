export { cursorPaginate } from "./cursor-paginate";
export { filterConditions, filterNames, type LogFilters } from "./filters";
export { flushValuesIndexes } from "./flush-values-indexes";
export { type LogPage, type LogQuery, listLogs } from "./list-logs";
export { logReader } from "./log-reader";
export type { PagedSource } from "./paged-source";
export { refreshStatistics } from "./refresh-statistics";
export { listViews, removeView, saveView } from "./saved-views";
export { type TableStats, tableStats } from "./table-stats";
