export { countUpTo } from "./count";
export { cursorPaginate } from "./cursor-paginate";
export { filterConditions } from "./filters";
export { isTimeout, readingOf, readWithin, tooSlow } from "./limits";
export { listLogs } from "./list-logs";
export { logReader } from "./log-reader";
export type { PagedSource } from "./paged-source";
export { countAll, firstTime, readUnlocked } from "./partition-reads";
export { listViews, removeView, saveView } from "./saved-views";
