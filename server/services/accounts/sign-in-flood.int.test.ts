import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { handleAuth } from "./auth";
import { createUser } from "./users";

const ATTEMPTS = 10_000;
const AT_ONCE = 50;
const ORIGIN = "http://127.0.0.1:3000";
const PASSWORD = "correct horse battery";

let opened: TestContext;

beforeAll(async () => {
  opened = await createTestContext();
  await createUser(opened.context, { email: "a@example.com", password: PASSWORD, role: "admin" });
});
afterAll(() => opened?.close());

async function signIn(email: string, password: string, from: string): Promise<Response> {
  const headers = { "content-type": "application/json", origin: ORIGIN, "x-forwarded-for": from };
  const body = JSON.stringify({ email, password });
  return await handleAuth(
    opened.context,
    new Request(`${ORIGIN}/api/auth/sign-in/email`, { method: "POST", headers, body }),
  );
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Returns the bytes in use by this process. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("Of ten thousand guesses from one address thirty are checked; memory stays flat, and other users can sign in", async () => {
  const statuses = new Map<number, number>();
  const guess = async (at: number) => {
    const response = await signIn(`user${at}@example.com`, `guess ${at}`, "198.51.100.7");
    if (response.status === 429) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  };
  const guessAll = async (from: number, to: number) => {
    for (let at = from; at < to; at += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => guess(at + index)));
    }
  };
  await guessAll(0, ATTEMPTS / 10);
  const before = heldBytes();
  await guessAll(ATTEMPTS / 10, ATTEMPTS);
  expect(heldBytes() - before).toBeLessThan(10 * 1024 * 1024);
  expect((await signIn("a@example.com", PASSWORD, "198.51.100.8")).status).toBe(200);

  expect(Object.fromEntries(statuses)).toEqual({ 401: 30, 429: ATTEMPTS - 30 });
  const { sql } = opened.context.db;
  const [counted] = await sql`select count(*)::int as keys, sum(count)::int as attempts from rate_limit`;
  expect(counted?.keys).toBeLessThanOrEqual(64);
  // The attempts, three each, and the refusals that exceeded the limit before the first refusal was cached.
  expect(counted?.attempts).toBeLessThan(ATTEMPTS / 10);
  const reasons = await sql`
    select details->>'reason' as reason, count(*)::int as count
    from audit_log
    where action = 'session.sign-in' and result = 'refused'
    group by reason
    order by count`;
  expect([...reasons]).toEqual([
    { reason: "too_many_attempts", count: 1 },
    { reason: "wrong_credentials", count: 30 },
  ]);
});
