export { exportTimeline } from "./export-timeline";
export { timelineReader } from "./timeline-reader";
