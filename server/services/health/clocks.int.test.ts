import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { checkHealth } from "./check-health";
import { clockReadings, makeClockReport } from "./clocks";

let redis: TestRedis;
let testContext: TestContext;

beforeAll(async () => {
  redis = await startRedis();
  // This process's view of PostgreSQL's clock is shifted, because redis-server does not run under faketime.
  const now = () => new Date(Date.now() - 7_200_000);
  testContext = await createTestContext({ redisUrl: redis.url, overrides: { now } });
});
afterAll(async () => {
  await testContext.close();
  await redis.remove();
});

test("a Redis whose clock is two hours ahead is reported by name", async () => {
  const ctx = testContext.context;
  expect((await checkHealth(ctx)).parts.clock).toMatchObject({ state: "ok", advice: null });
  await makeClockReport()(ctx);
  const readings = await clockReadings(ctx);
  expect(readings).toContainEqual({ subject: "Redis", seconds: expect.closeTo(7_200, -1) });
  expect(readings.find(({ subject }) => subject.includes(String(process.pid)))?.seconds).toBeLessThan(1);
  expect((await checkHealth(ctx)).parts.clock).toMatchObject({
    state: "degraded",
    advice: { code: "health.clocks_differ", params: { clocks: expect.stringMatching(/Redis: 7[12]\d\d s/) } },
  });
});
