import { lokiPush } from "@/server/rest/collect";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = lokiPush;
