import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { connectDatabase } from "@/server/db/client";
import type { Context, Principal } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { countRequest } from "./count-request";

let opened: TestContext;
let first: Context;
let second: Context;
let now = new Date("2026-01-01T00:00:10Z");

beforeAll(async () => {
  const env = { RATE_LIMIT_INTAKE: "20", RATE_LIMIT_EXPORTS: "3" };
  opened = await createTestContext({ env, overrides: { now: () => now } });
  first = opened.context;
  // Simulates a second process, with its own connections and no shared memory.
  second = { ...first, db: connectDatabase(first.db.url, { applicationName: "another process", max: 2 }) };
});
afterAll(async () => {
  await second?.db.close();
  await opened?.close();
});
beforeEach(() => {
  now = new Date(Math.ceil(now.getTime() / 60_000) * 60_000 + 10_000);
});

const key = (id: string): Principal => ({ kind: "api_key", id, name: id, role: "operator" });
const from = (address: string) => new Headers({ "x-forwarded-for": address });

async function passed(ctx: Context, times: number, principal: Principal, headers: Headers, kind = "intake" as const) {
  let count = 0;
  for (let time = 0; time < times; time++) {
    await countRequest(ctx, kind, principal, headers).then(
      () => count++,
      (error: unknown) => expect(error).toMatchObject({ kind: "TOO_MANY_REQUESTS", retryAfter: expect.any(Number) }),
    );
  }
  return count;
}

test("A key has a limit of requests per minute over all addresses and processes", async () => {
  let count = 0;
  for (let time = 0; time < 15; time++) count += await passed(first, 1, key("a"), from(`198.51.100.${time}`));
  expect(count).toBe(15);
  // Counts are synchronized every second.
  now = new Date(now.getTime() + 1_000);
  expect(await passed(first, 1, key("a"), from("198.51.100.98"))).toBe(1);
  await vi.waitFor(
    async () => {
      const [row] = await first.db.sql`select count from rate_limit where key like 'intake:api_key:a:%'`;
      expect(row?.count).toBe(16);
    },
    { timeout: 60_000 },
  );
  expect(await passed(second, 10, key("a"), from("198.51.100.99"))).toBe(4);
});

test("An address, and an IPv6 /64, has the same limit over all keys", async () => {
  let count = 0;
  for (let time = 0; time < 25; time++) count += await passed(first, 1, key(`k${time}`), from(`2001:db8::${time + 1}`));
  expect(count).toBe(20);
  expect(await passed(first, 1, key("k99"), from("2001:db8:0:1::1"))).toBe(1);
});

test("Kinds of requests are counted separately, and each minute has a new window", async () => {
  const exportOnce = () => countRequest(first, "exports", key("c"), from("198.51.100.7"));
  for (let time = 0; time < 3; time++) await exportOnce();
  await expect(exportOnce()).rejects.toMatchObject({ kind: "TOO_MANY_REQUESTS", retryAfter: 50 });
  expect(await passed(first, 1, key("c"), from("198.51.100.7"))).toBe(1);
  now = new Date(now.getTime() + 60_000);
  await exportOnce();
});
