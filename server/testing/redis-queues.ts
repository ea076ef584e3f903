import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Database } from "@/server/db/client";
import type { Claim, LogQueue } from "@/server/queue/log-queue";
import { createRedisQueue } from "@/server/queue/redis";
import { createTestDatabase, type TestDatabase } from "./database";
import { startRedis, type TestRedis } from "./redis";

/** Limits of a claim that takes every event of a test. */
export const ALL = { events: 1_000, bytes: 1_000_000 };

export interface RedisQueues {
  readonly redis: TestRedis;
  readonly database: TestDatabase;
  /** A client outside the product, such as a producer or an administrator. */
  readonly client: Redis;
  /** Opens a queue, which is closed after the test. */
  open(options?: { leaseMs?: number; silentMs?: number; url?: string; db?: Database }): LogQueue;
}

/** Runs the tests of a file or block with a separate Redis server and database; Redis is empty before each test. */
export function setUpRedisQueues(
  use: (queues: RedisQueues) => void,
  options: Parameters<typeof startRedis>[0] = {},
): void {
  const opened: LogQueue[] = [];
  let running: RedisQueues | undefined;
  beforeAll(async () => {
    const [redis, database] = await Promise.all([startRedis(options), createTestDatabase({ max: 10 })]);
    const client = new Redis(redis.url);
    client.on("error", () => {});
    const open: RedisQueues["open"] = (settings) => {
      const log = pino({ level: "silent" });
      const queue = createRedisQueue({ url: redis.url, db: database.db, log, ...settings });
      opened.push(queue);
      return queue;
    };
    running = { redis, database, client, open };
    use(running);
  });
  afterAll(async () => {
    running?.client.disconnect();
    await Promise.all([running?.redis.remove(), running?.database.drop()]);
  });
  beforeEach(() => running?.client.flushall());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });
}

/** Simulates a worker that claims the events of `queue` and disappears. */
export async function claimAndDie(queue: LogQueue): Promise<Claim> {
  let taken: Claim | undefined;
  const dying = queue.consume("access_logs", ALL, async (claim) => {
    taken = claim;
    await queue.close();
    throw new Error("killed");
  });
  await expect(dying).rejects.toThrow("killed");
  if (!taken) throw new Error("nothing was claimed");
  return taken;
}
