export { filteredTraffic } from "./filtered/filtered-traffic";
export { forecast } from "./forecast";
export { rangeOf } from "./range";
export { metricSeries } from "./series";
export { tableGrowth } from "./table-growth";
export { timings } from "./timings";
export { trafficOverview } from "./traffic";
export { takeDirtyHours } from "./traffic/count-traffic";
export { isIntakeBusy, makeTrafficUpdater } from "./traffic/update-traffic";
