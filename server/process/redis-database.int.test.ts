import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { openContext } from "./open-context";

let redis: TestRedis;
let subject: TestContext;
beforeAll(async () => {
  [redis, subject] = await Promise.all([startRedis(), createTestContext()]);
});
afterAll(() => Promise.all([redis.remove(), subject.close()]));

const open = async (database: number) => {
  const { config, log } = subject.context;
  const opened = await openContext("cli", { config: { ...config, redisUrl: `${redis.url}/${database}` }, log });
  await opened.close();
};

test("A Redis database that does not exist prevents the start, with cause and remedy in one line", async () => {
  await expect(open(99)).rejects.toMatchObject({
    name: "StartError",
    message: expect.stringMatching(/^REDIS_URL names database 99, which this Redis does not have\. Use a lower number/),
  });
  await open(15);
});

test("An unreachable Redis does not prevent the start", async () => {
  await redis.stop();
  await open(99);
});
