export { elasticsearchBulk, elasticsearchProbes } from "./elasticsearch/endpoints";
export { lokiPush } from "./loki/endpoints";
export { otlpLogs } from "./otlp/endpoints";
export { splunkAck, splunkEvents, splunkHealth, splunkRaw } from "./splunk/endpoints";
