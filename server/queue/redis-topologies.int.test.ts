import { Redis } from "ioredis";
import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { logTableList } from "@/server/catalog";
import { createTestDatabase } from "@/server/testing/database";
import { startFrozenProxy } from "@/server/testing/frozen-proxy";
import { startRedis } from "@/server/testing/redis";
import { ALL, claimAndDie } from "@/server/testing/redis-queues";
import { startSentinel } from "@/server/testing/redis-sentinel";
import { createRedisQueue } from "./redis";
import { queueKeys } from "./redis/keys";

const log = pino({ level: "silent" });
const WAIT = { timeout: 60_000, interval: 20 };
const PATIENT = { timeout: 60_000, interval: 100 };

test("the queue runs in a Redis Cluster: all keys are in the slot of the producers' list, and lost claims are recovered", async () => {
  const [redis, database] = await Promise.all([startRedis({ cluster: true }), createTestDatabase()]);
  const queue = createRedisQueue({ url: `${redis.url}/?cluster=true`, db: database.db, log });
  const handled: string[] = [];
  const events = Array.from({ length: 2_500 }, (_, index) => `e${index}`);
  await vi.waitFor(() => queue.push("access_logs", events), { timeout: 60_000, interval: 50 });
  await queue.push("user_activities", ["activity"]);
  const node = new Redis(redis.url);
  for (const { redisList } of logTableList) {
    const { claimPrefix, ...keys } = queueKeys(redisList);
    const slots = await Promise.all(
      [...Object.values(keys), `${claimPrefix}0`].map((key) => node.cluster("KEYSLOT", key)),
    );
    expect(new Set(slots).size).toBe(1);
  }
  expect(await queue.depth("access_logs")).toMatchObject({ length: 2_500 });
  const dying = createRedisQueue({ url: `${redis.url}/?cluster=true`, db: database.db, log });
  await claimAndDie(dying);
  await node.del("{access_logs_queue}:leases", "{access_logs_queue}:claims");
  node.disconnect();
  expect(await queue.recover()).toBe(1);
  while ((await queue.consume("access_logs", ALL, async ({ payloads }) => void handled.push(...payloads))) > 0);
  expect(handled).toEqual(events);
  expect(await queue.consume("user_activities", ALL, async () => {})).toBe(1);
  await queue.close();
  await Promise.all([redis.remove(), database.drop()]);
});

test("with Sentinel, the queue fails over to the replica when the master dies, without loss or duplicates, even if a Sentinel and a claim's record are lost", async () => {
  const [sentinel, database] = await Promise.all([startSentinel(), createTestDatabase()]);
  const { port } = new URL(sentinel.url);
  const unresponsive = await startFrozenProxy(Number(port));
  unresponsive.freeze();
  const url = `${sentinel.url.replace(port, String(unresponsive.port))}&node=127.0.0.1:${port}`;
  const queue = createRedisQueue({ url, db: database.db, log });
  const events = Array.from({ length: 300 }, (_, index) => `e${index}`);
  await vi.waitFor(() => queue.push("access_logs", events), PATIENT);
  const handled: string[] = [];
  const take = () =>
    queue.consume(
      "access_logs",
      { events: 100, bytes: 1_000_000 },
      async ({ payloads }) => void handled.push(...payloads),
    );
  expect(await take()).toBe(100);
  const follower = new Redis(sentinel.replica.url);
  await vi.waitFor(async () => expect(await follower.llen("access_logs_queue")).toBe(200), WAIT);

  await sentinel.master.stop("SIGKILL");
  await expect(queue.push("access_logs", ["meanwhile"])).rejects.toMatchObject({ kind: "UNAVAILABLE" });
  await vi.waitFor(() => queue.push("access_logs", ["after"]), PATIENT);
  const dying = createRedisQueue({ url: sentinel.url, db: database.db, log });
  const death = dying.consume("access_logs", { events: 50, bytes: 1_000_000 }, async () => {
    await dying.close();
    throw new Error("killed");
  });
  await expect(death).rejects.toThrow("killed");
  await follower.del("{access_logs_queue}:leases", "{access_logs_queue}:claims");
  follower.disconnect();
  expect(await queue.recover()).toBe(1);
  while ((await take()) > 0);
  expect(handled).toEqual([...events, "after"]);
  await queue.close();
  await unresponsive.close();
  await Promise.all([sentinel.remove(), database.drop()]);
});
