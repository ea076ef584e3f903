import { otlpLogs } from "@/server/rest/collect";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = otlpLogs;
