export { cursorPaginate } from "./cursor-paginate";
export { filterNames } from "./filters";
export { type LogPage, type LogQuery, listLogs } from "./list-logs";
export { logReader } from "./log-reader";
export { sessionNeighbours } from "./neighbours";
export type { PagedSource } from "./paged-source";
export { listViews, removeView, saveView } from "./saved-views";
export { type TableStats, tableStats } from "./table-stats";
export { tailLogs } from "./tail-logs";
