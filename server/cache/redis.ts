import type { Logger } from "pino";
import { connectRedis } from "@/server/queue/redis/connect";
import type { Cache } from "./cache";

/** A query is hardly slower than this, so nobody waits longer for a cache. */
const TIMEOUT_MS = 200;
const PREFIX = "batch-console:cache:";

/** The cache that all processes of an installation share. Redis away is an empty cache. */
export function createRedisCache(options: { url: string; log: Logger }): Cache {
  const { url, log } = options;
  const redis = connectRedis(url, { commandTimeout: TIMEOUT_MS, prepare: () => {} });
  const orNothing = (error: unknown) => {
    log.debug({ error }, "the cache does not answer");
    return undefined;
  };
  return {
    get: async (key) => {
      const text = await redis.run((client) => client.get(PREFIX + key)).catch(orNothing);
      return text ?? undefined;
    },
    set: async (key, text, seconds) => {
      await redis.run((client) => client.set(PREFIX + key, text, "EX", seconds)).catch(orNothing);
    },
    close: () => redis.close(),
  };
}
