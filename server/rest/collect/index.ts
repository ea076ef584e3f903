import { elasticsearchBulk, elasticsearchProbes } from "./elasticsearch/endpoints";
import { lokiPush } from "./loki/endpoints";
import { otlpLogs } from "./otlp/endpoints";
import { splunkEvents, splunkRaw } from "./splunk/endpoints";

export { elasticsearchBulk, elasticsearchProbes } from "./elasticsearch/endpoints";
export { lokiPush } from "./loki/endpoints";
export { otlpLogs } from "./otlp/endpoints";
export { splunkAck, splunkEvents, splunkHealth, splunkRaw } from "./splunk/endpoints";

/** The paths to which collectors send requests, for the OpenAPI document. */
export const collectorRoutes = [elasticsearchBulk, elasticsearchProbes, lokiPush, otlpLogs, splunkEvents, splunkRaw];
