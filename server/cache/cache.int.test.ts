import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Context, type Principal, principalKey } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { createCache, noteChange, sharedRead } from ".";

let redis: TestRedis;
const tests: TestContext[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(tests.map((test) => test.close()));
  await redis.remove();
});

const person = (id: string): Principal => ({ kind: "user", id, name: id, role: "viewer" });

async function open(redisUrl?: string): Promise<Context> {
  const test = await createTestContext({ redisUrl });
  tests.push(test);
  return test.context;
}

/** Simulates another process on the same database. */
function beside(ctx: Context): Context {
  return { ...ctx, cache: createCache({ redisUrl: ctx.config.redisUrl, log: ctx.log }) };
}

let answers = 0;
const load = async () => ({ answer: ++answers });
const read = (ctx: Context, who: string, question = "q") => sharedRead(ctx, person(who), [question], 30, load);

describe.each(["memory", "redis"])("A cache in %s", (kind) => {
  let ctx: Context;
  beforeAll(async () => {
    ctx = await open(kind === "redis" ? redis.url : undefined);
  });

  it("shares one answer between all readers of the same query", async () => {
    const first = await read(ctx, "ann");
    expect(await read(ctx, "bob")).toEqual(first);
    expect(await read(ctx, "bob", "another")).not.toEqual(first);
  });

  it("runs a query once for concurrent readers", async () => {
    const [one, ...others] = await Promise.all(Array.from({ length: 5 }, () => read(ctx, "ann", "together")));
    expect(others).toEqual(Array.from({ length: 4 }, () => one));
  });

  it("never hides a user's own change, in any process", async () => {
    const other = beside(ctx);
    const before = await read(ctx, "carol", "own");
    expect(await read(ctx, "dave", "own")).toEqual(before);
    await read(other, "carol", "own");
    await noteChange(other, principalKey(person("carol")));
    const after = await read(ctx, "carol", "own");
    expect(after.answer).toBeGreaterThan(before.answer);
    expect((await read(other, "carol", "own")).answer).toBeGreaterThan(after.answer);
    await other.cache.close();
  });

  it("does not cache failures", async () => {
    const failing = sharedRead(ctx, person("ann"), ["fails"], 30, async (): Promise<object> => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await read(ctx, "ann", "fails")).toEqual({ answer: answers });
  });

  it("does not cache answers longer than 64 KB", async () => {
    const long = async () => ({ n: ++answers, text: "x".repeat(70_000) });
    const first = await sharedRead(ctx, person("ann"), ["long"], 30, long);
    expect(await sharedRead(ctx, person("ann"), ["long"], 30, long)).not.toEqual(first);
  });
});

it("A cache without Redis behaves as an empty cache", async () => {
  const stopped = await startRedis();
  const ctx = await open(stopped.url);
  const first = await read(ctx, "ann", "stopped");
  expect(await read(ctx, "ann", "stopped")).toEqual(first);
  await stopped.remove();
  expect(await read(ctx, "ann", "stopped")).not.toEqual(first);
});
