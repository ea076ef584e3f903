import type { Logger } from "pino";
import type { Cache } from "./cache";
import { createMemoryCache } from "./memory";
import { createRedisCache } from "./redis";

export type { Cache } from "./cache";
export { noteChange } from "./change-marks";
export { sharedRead } from "./shared-read";

/** The cache of this installation: Redis where its address is given, else one in each process. */
export function createCache(options: { redisUrl?: string; log: Logger }): Cache {
  const { redisUrl, log } = options;
  return redisUrl ? createRedisCache({ url: redisUrl, log }) : createMemoryCache();
}
