export { prometheusText } from "./prometheus-text";
export { workerMetricsText } from "./worker-text";
