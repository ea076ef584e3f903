import type { Redis } from "ioredis";
import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { createTestDatabase } from "@/server/testing/database";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { startFrozenProxy } from "@/server/testing/frozen-proxy";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { ALL, claimAndDie, type RedisQueues, setUpRedisQueues } from "@/server/testing/redis-queues";
import { ANSWER_MS, RECOVERY_MS, startStopwatch } from "@/server/testing/stopwatch";
import { testLogQueue } from "./conformance";
import type { Claim } from "./log-queue";
import { createRedisQueue } from "./redis";

const log = pino({ level: "silent" });
const WAIT = { timeout: 60_000, interval: 20 };
const PATIENT = { timeout: 60_000, interval: 100 };

describe("The queue in Redis", () => {
  testLogQueue(async () => {
    const [redis, database] = await Promise.all([startRedis(), createTestDatabase()]);
    const queue = createRedisQueue({ url: redis.url, db: database.db, log });
    return {
      queue,
      database,
      close: async () => {
        await queue.close();
        await Promise.all([redis.remove(), database.drop()]);
      },
    };
  });
});

describe("The queue in Redis during failures", () => {
  let redis: TestRedis;
  let producer: Redis;
  let open: RedisQueues["open"];

  setUpRedisQueues(
    (queues) => {
      ({ redis, client: producer, open } = queues);
    },
    { appendonly: "always" },
  );

  test("the events of a dead worker are redelivered with the same claim when its lease expires", async () => {
    await producer.lpush("access_logs_queue", "a", "b", "c");
    const lost = await claimAndDie(open({ leaseMs: 300 }));
    const queue = open();
    expect(await queue.depth("access_logs")).toMatchObject({ length: 0, inFlight: [{ claimId: lost.id, events: 3 }] });
    const seen: Claim[] = [];
    await vi.waitFor(
      async () => expect(await queue.consume("access_logs", ALL, async (claim) => void seen.push(claim))).toBe(3),
      WAIT,
    );
    expect(seen).toMatchObject([{ ...lost, attempt: 2 }]);
    expect(await producer.keys("*claim*")).toEqual(["{access_logs_queue}:claimed"]);
  });

  test("a claim that was stored but not acknowledged is acknowledged and not stored again", async () => {
    await producer.lpush("access_logs_queue", "a");
    const queue = open({ leaseMs: 200 });
    await queue.consume("access_logs", ALL, async () => {
      await queue.close();
    });
    const handler = vi.fn();
    const other = open();
    await vi.waitFor(async () => expect(await other.consume("access_logs", ALL, handler)).toBe(1), {
      timeout: 60_000,
      interval: 20,
    });
    expect(handler).not.toHaveBeenCalled();
    expect(await other.depth("access_logs")).toMatchObject({ length: 0, inFlight: [] });
  });

  test("a worker slower than its lease keeps its claim, and a lost claim is not stored twice", async () => {
    await producer.lpush("access_logs_queue", "a");
    const [slow, rival] = [open({ leaseMs: 150 }), open({ leaseMs: 150 })];
    const handler = vi.fn();
    await slow.consume("access_logs", ALL, async (claim) => {
      await vi.waitFor(async () => {
        const end = Number(await producer.zscore("{access_logs_queue}:leases", claim.id));
        expect(end).toBeGreaterThan(Date.parse(claim.claimedAt) + 400);
      }, WAIT);
      expect(await rival.consume("access_logs", ALL, handler)).toBe(0);
      await producer.zadd("{access_logs_queue}:leases", 0, claim.id);
      expect(await rival.consume("access_logs", ALL, handler)).toBe(0);
    });
    expect(await rival.consume("access_logs", ALL, handler)).toBe(0);
    expect(handler).not.toHaveBeenCalled();
  });

  test("nothing is claimed while PostgreSQL is unavailable", async () => {
    await producer.lpush("access_logs_queue", "a", "b");
    const nowhere = connectDatabase("postgres://nobody@127.0.0.1:1/none", { applicationName: "test" });
    await expect(open({ db: nowhere }).consume("access_logs", ALL, async () => {})).rejects.toThrow("ECONNREFUSED");
    await nowhere.close();
    expect(await producer.keys("*")).toEqual(["access_logs_queue"]);
    expect(await producer.llen("access_logs_queue")).toBe(2);
  });

  test("while Redis is unavailable a push fails immediately with the reason, and succeeds after recovery", async () => {
    const queue = open();
    await queue.push("access_logs", ["before"]);
    await redis.stop();
    await expect(queue.push("access_logs", ["x"])).rejects.toMatchObject({ kind: "UNAVAILABLE" });
    await expect(queue.ping()).rejects.toThrow("Redis is unreachable");
    await redis.start();
    await vi.waitFor(() => queue.push("access_logs", ["after"]), WAIT);
    expect(await producer.lrange("access_logs_queue", 0, -1)).toEqual(["after", "before"]);
  });

  test("a Redis that does not respond is used again as soon as new connections work, even if old ones never do", async () => {
    const proxy = await startFrozenProxy(redis.port);
    const queue = open({ url: `redis://127.0.0.1:${proxy.port}` });
    await queue.push("access_logs", ["before"]);
    expect(await queue.consume("access_logs", ALL, async () => {})).toBe(1);
    proxy.freeze();
    const refused = startStopwatch();
    for (const act of [
      () => queue.push("access_logs", ["x"]),
      () => queue.consume("access_logs", ALL, async () => {}),
    ]) {
      await expect(act()).rejects.toMatchObject({ kind: "UNAVAILABLE" });
    }
    expect(refused()).toBeLessThan(ANSWER_MS);
    proxy.forget();
    const recovered = startStopwatch();
    await vi.waitFor(() => queue.push("access_logs", ["after"]), PATIENT);
    await vi.waitFor(async () => expect(await queue.consume("access_logs", ALL, async () => {})).toBe(1), PATIENT);
    expect(recovered()).toBeLessThan(RECOVERY_MS);
    await proxy.close();
  });

  test("a key of the wrong type in place of the list is reported and not retried", async () => {
    await producer.set("access_logs_queue", "not a list");
    const queue = open();
    for (const act of [
      () => queue.push("access_logs", ["x"]),
      () => queue.consume("access_logs", ALL, async () => {}),
      () => queue.depth("access_logs"),
    ]) {
      await expect(act()).rejects.toThrow(/is not a list \(WRONGTYPE\).*Rename or delete/);
    }
    expect(await queue.consume("user_activities", ALL, async () => {})).toBe(0);
  });

  test("the age of the head is reset when the list is emptied", async () => {
    const queue = open();
    await producer.lpush("access_logs_queue", "a", "b", "c");
    expect((await queue.depth("access_logs")).oldestAgeSeconds).toBe(0);
    await producer.del("access_logs_queue");
    expect(await queue.depth("access_logs")).toMatchObject({
      length: 0,
      inFlight: [],
      oldestAgeSeconds: null,
    });
    await producer.lpush("access_logs_queue", "d");
    expect(await queue.depth("access_logs")).toMatchObject({ length: 1, oldestAgeSeconds: 0 });
  });

  test("a batch that fails because the disk is full is redelivered immediately, any number of times", async () => {
    await producer.lpush("access_logs_queue", "a");
    const queue = open();
    const seen: string[] = [];
    for (let delivery = 1; delivery <= 5; delivery++) {
      const full = queue.consume("access_logs", ALL, async ({ id }, tx) => {
        seen.push(id);
        await tx`do $$ begin raise 'no space left' using errcode = 'disk_full'; end $$`;
      });
      await expect(full).rejects.toMatchObject({ code: "53100" });
    }
    expect(await queue.consume("access_logs", ALL, async ({ id }) => void seen.push(id))).toBe(1);
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(1);
  });

  test("a batch that fails repeatedly lets later events go first", async () => {
    await producer.lpush("access_logs_queue", "poison");
    const queue = open();
    const handled: string[] = [];
    const take = () =>
      queue.consume("access_logs", { events: 1, bytes: 1 }, async ({ payloads }) => {
        if (payloads.includes("poison")) throw new Error("poison");
        handled.push(...payloads);
      });
    for (let delivery = 1; delivery <= 3; delivery++) await expect(take()).rejects.toThrow("poison");
    await producer.lpush("access_logs_queue", "good");
    expect(await take()).toBe(1);
    expect(handled).toEqual(["good"]);
  });
});

test("events without a time get PostgreSQL's time, regardless of Redis's clock", async () => {
  const [redis, database] = await Promise.all([startRedis(), createTestDatabase()]);
  // PostgreSQL's clock is set instead, because redis-server does not run under faketime.
  await setDatabaseClock(database.url, new Date("2020-01-01T00:00:00.123Z"));
  const queue = createRedisQueue({ url: redis.url, db: database.db, log });
  await queue.push("access_logs", ["a"]);
  const seen: Claim[] = [];
  const failing = queue.consume("access_logs", ALL, async (claim) => {
    seen.push(claim);
    expect((await queue.depth("access_logs")).inFlight[0]?.ageSeconds).toBeLessThan(60);
    throw new Error("once");
  });
  await expect(failing).rejects.toThrow("once");
  await setDatabaseClock(database.url, null);
  await queue.consume("access_logs", ALL, async (claim) => void seen.push(claim));
  expect(seen.map(({ claimedAt }) => claimedAt)).toEqual(Array(2).fill("2020-01-01T00:00:00.123000Z"));
  await queue.close();
  await Promise.all([redis.remove(), database.drop()]);
});
