import type { Logger } from "pino";
import { connectRedis } from "@/server/queue/redis/connect";
import type { Cache } from "./cache";

/** A query rarely takes longer, so waiting longer for the cache has no benefit. */
const TIMEOUT_MS = 200;
const PREFIX = "batch-console:cache:";

/** Creates a cache that all processes share. While Redis is unreachable, every lookup is a miss. */
export function createRedisCache(options: { url: string; log: Logger }): Cache {
  const { url, log } = options;
  const redis = connectRedis(url, { commandTimeout: TIMEOUT_MS, prepare: () => {} });
  const orUndefined = (error: unknown) => {
    log.debug({ error }, "cache request failed");
    return undefined;
  };
  return {
    get: async (key) => {
      const text = await redis.run((client) => client.get(PREFIX + key)).catch(orUndefined);
      return text ?? undefined;
    },
    set: async (key, text, seconds) => {
      await redis.run((client) => client.set(PREFIX + key, text, "EX", seconds)).catch(orUndefined);
    },
    close: () => redis.close(),
  };
}
