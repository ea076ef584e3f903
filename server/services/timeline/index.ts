export { timelineReader } from "./timeline-reader";
