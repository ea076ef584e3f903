import type { Logger } from "pino";
import type { Database } from "@/server/db/client";
import type { LogQueue } from "./log-queue";
import { createPostgresQueue } from "./postgres";
import { createRedisQueue } from "./redis";

/**
 * The queue of this installation: Redis where its address is given, else a table. Opens no connection
 * before its first use.
 */
export function createLogQueue(options: { redisUrl?: string; db: Database; log: Logger }): LogQueue {
  const { redisUrl, db, log } = options;
  return redisUrl ? createRedisQueue({ url: redisUrl, db, log }) : createPostgresQueue({ db });
}
