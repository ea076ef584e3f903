export { elasticsearchBulk, elasticsearchProbes } from "./elasticsearch/endpoints";
export { splunkAck, splunkEvents, splunkHealth, splunkRaw } from "./splunk/endpoints";
