export { runMonitor } from "./monitor";
