import type { Logger } from "pino";
import type { Cache } from "./cache";
import { createMemoryCache } from "./memory";
import { createRedisCache } from "./redis";

export type { Cache } from "./cache";
export { noteChange } from "./change-marks";
export { sharedRead } from "./shared-read";

/** Creates the cache: in Redis if its URL is set, otherwise in the memory of each process. */
export function createCache(options: { redisUrl?: string; log: Logger }): Cache {
  const { redisUrl, log } = options;
  return redisUrl ? createRedisCache({ url: redisUrl, log }) : createMemoryCache();
}
