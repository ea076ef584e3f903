import { readFile } from "node:fs/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { Context } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { ALL } from "@/server/testing/redis-queues";
import { startWorkerProcess } from "@/server/testing/worker-process";

const PASSWORD = "a-password";
/** Sent where they are needed: another database than 0, and after Redis was restarted. */
const RARE = ["ping", "select", "zscore"];
const LIST = "access_logs_queue";

let redis: TestRedis;
let administrator: Redis;
let opened: TestContext;
let ctx: Context;
let documented: string[][];
let url: string;

beforeAll(async () => {
  redis = await startRedis();
  administrator = new Redis(redis.url);
  const text = await readFile("docs/operating.md", "utf8");
  documented = [...text.matchAll(/^ACL (SETUSER .*)$/gm)].map(([, line = ""]) =>
    line.replace(">PASSWORD", `>${PASSWORD}`).split(" "),
  );
  for (const words of documented) await administrator.call("ACL", ...words);
  url = redis.url.replace("//", `//console:${PASSWORD}@`);
  opened = await createTestContext({ redisUrl: url });
  ctx = opened.context;
});

afterAll(async () => {
  await opened?.close();
  administrator?.disconnect();
  await redis?.remove();
});

/** Does with the queues what web and worker do, including failures and what repairs lost keys. */
async function useQueues(): Promise<void> {
  const { queue } = ctx;
  expect(await queue.ping()).toBeNull();
  await queue.storeTime();
  await queue.push("access_logs", ["a"]);
  await queue.push(
    "user_activities",
    Array.from({ length: 2_500 }, (_, index) => `${index}`),
  );
  const fail = queue.consume("access_logs", ALL, async () => {
    expect(await queue.depth("access_logs")).toMatchObject({ inFlight: [{ events: 1 }] });
    await administrator.set(`{${LIST}}:leases`, "of another type");
    throw new Error("a failure of the batch");
  });
  await expect(fail).rejects.toThrow("a failure of the batch");
  await administrator.del(`{${LIST}}:leases`);
  expect(await queue.recover()).toBe(1);
  expect(await queue.consume("access_logs", ALL, async () => {})).toBe(1);
  for (let left = 2_500; left > 0; ) left -= await queue.consume("user_activities", ALL, async () => {});
  await ctx.cache.set("key", "text", 10);
  expect(await ctx.cache.get("key")).toBe("text");
}

/** Returns the commands and keys that Redis refused, except for CLIENT SETINFO, whose refusal has no effect. */
async function refusedCommands(): Promise<string[]> {
  const entries = z.array(z.array(z.unknown())).parse(await administrator.call("ACL", "LOG"));
  return entries.map((entry) => String(entry[7])).filter((object) => !object.startsWith("client|setinfo"));
}

/** Returns the commands that Redis has run, except those of the administrator. */
async function usedCommands(): Promise<string[]> {
  const stats = await administrator.info("commandstats");
  return [...stats.matchAll(/^cmdstat_(.+?):calls=/gm)].map(([, name = ""]) => name);
}

test("The documented user of Redis can do all that the product does, and has no permission that it does not need", async () => {
  await administrator.call("ACL", "LOG", "RESET");
  await administrator.config("RESETSTAT");
  await useQueues();
  expect(await refusedCommands()).toEqual([]);

  const allowed = (documented[0] ?? []).filter((word) => word.startsWith("+")).map((word) => word.slice(1));
  const used = await usedCommands();
  expect(allowed.filter((command) => !used.includes(command) && !RARE.includes(command))).toEqual([]);
});

test("A worker stores events as this user, and nothing is refused", async () => {
  await administrator.call("ACL", "LOG", "RESET");
  const worker = await startWorkerProcess({ DATABASE_URL: ctx.db.url, REDIS_URL: url });
  try {
    await worker.ready;
    await administrator.lpush(LIST, JSON.stringify({ ip_address: "203.0.113.7", request_path: "/by-the-worker" }));
    const stored = () => ctx.db.sql`select 1 from access_logs where request_path = '/by-the-worker'`;
    await expect.poll(stored).toHaveLength(1);
  } finally {
    await worker.end("SIGTERM");
  }
  expect(await refusedCommands()).toEqual([]);
});

test("The user cannot read other keys, and not administer Redis", async () => {
  const client = new Redis(redis.url, { username: "console", password: PASSWORD });
  await expect(client.get("other")).rejects.toThrow("NOPERM");
  await expect(client.flushall()).rejects.toThrow("NOPERM");
  await expect(client.config("GET", "*")).rejects.toThrow("NOPERM");
  client.disconnect();
});

test("The documented producer can send events, and cannot read them", async () => {
  const client = new Redis(redis.url, { username: "producer", password: PASSWORD, enableReadyCheck: false });
  expect(await client.lpush(LIST, "{}")).toBe(1);
  await expect(client.lrange(LIST, 0, -1)).rejects.toThrow("NOPERM");
  client.disconnect();
});
