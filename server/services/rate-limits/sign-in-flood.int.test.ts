import { afterAll, beforeAll, expect, test } from "vitest";
import { createUser, handleAuth } from "@/server/services/accounts";
import { createTestContext, type TestContext } from "@/server/testing/context";

const ATTEMPTS = 10_000;
const AT_ONCE = 50;

let opened: TestContext;

beforeAll(async () => {
  opened = await createTestContext();
  await createUser(opened.context, { email: "a@example.com", password: "correct horse battery", role: "admin" });
});
afterAll(() => opened?.close());

test("Of ten thousand guesses from one address thirty are tried, and memory stays flat", async () => {
  const statuses = new Map<number, number>();
  const guess = async (at: number) => {
    const request = new Request("http://127.0.0.1:3000/api/auth/sign-in/email", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: "http://127.0.0.1:3000",
        "x-forwarded-for": "198.51.100.7",
      },
      body: JSON.stringify({ email: at % 2 ? "a@example.com" : `user${at}@example.com`, password: `guess ${at}` }),
    });
    const { status } = await handleAuth(opened.context, request);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const round = async (from: number, count: number) => {
    for (let at = from; at < from + count; at += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => guess(at + index)));
    }
  };
  await round(0, 1_000);
  const before = process.memoryUsage().rss;
  await round(1_000, ATTEMPTS - 1_000);
  expect(Object.fromEntries(statuses)).toEqual({ 401: 30, 429: ATTEMPTS - 30 });
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  const rows = await opened.context.db.sql`select count(*)::int as count from rate_limit`;
  expect(rows[0]?.count).toBeLessThanOrEqual(31);
});
