import type { Logger } from "pino";
import type { Database } from "@/server/db/client";
import type { LogQueue } from "./log-queue";
import { createPostgresQueue } from "./postgres";
import { createRedisQueue } from "./redis";

/** Creates the log queue: in Redis if its URL is set, otherwise in a PostgreSQL table. Connects on first use. */
export function createLogQueue(options: { redisUrl?: string; db: Database; log: Logger }): LogQueue {
  const { redisUrl, db, log } = options;
  return redisUrl ? createRedisQueue({ url: redisUrl, db, log }) : createPostgresQueue({ db });
}
