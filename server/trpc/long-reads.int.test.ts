import { afterAll, beforeAll, expect, it } from "vitest";
import { GET as getHealth } from "@/app/api/health/route";
import { connectForLongWork } from "@/server/db/client";
import { type Principal, provideContext } from "@/server/process/context";
import { createUser, handleAuth } from "@/server/services/accounts";
import { logReader } from "@/server/services/logs";
import { previewCleanupWithin } from "@/server/services/retention";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { expectRunning, whileSlow } from "@/server/testing/slow-table";
import { ANSWER_MS, startStopwatch } from "@/server/testing/stopwatch";
import { appRouter } from "./root";

const ORIGIN = "http://127.0.0.1:3000";
const EMAIL = "someone@example.com";
const PASSWORD = "correct horse battery";
const TIMEOUT = 120_000;

let test: TestContext;

beforeAll(async () => {
  test = await createTestContext();
  provideContext(test.context);
  await createUser(test.context, { email: EMAIL, password: PASSWORD, role: "viewer" });
});
afterAll(() => test.close());

const person = (id: string): Principal => ({ kind: "user", id, name: id, role: "admin" });

function callerOf(principal: Principal) {
  return appRouter.createCaller({ app: test.context, headers: new Headers(), principal: async () => principal });
}

async function signIn(): Promise<number> {
  const headers = { "content-type": "application/json", origin: ORIGIN, "x-forwarded-for": "192.0.2.1" };
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  return (
    await handleAuth(test.context, new Request(`${ORIGIN}/api/auth/sign-in/email`, { method: "POST", headers, body }))
  ).status;
}

async function health(): Promise<number> {
  return (await getHealth(new Request(`${ORIGIN}/api/health`))).status;
}

/** Returns the number of connections that wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await test.context.db.sql<{ count: number }[]>`
    select count(*)::int as count
    from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.count ?? 0;
}

/** Runs `work` while the access logs are locked for all readers. */
async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  const lock = connectForLongWork(test.context.db.url, "holder of the lock");
  try {
    await lock`begin`;
    await lock`lock table access_logs in access exclusive mode`;
    return await work();
  } finally {
    await lock.end();
  }
}

const preview = { export_type: "access_logs", format: "csv" } as const;

it("While previews wait for a locked table, sign-in and health checks work, and each preview gets a response in time", {
  timeout: TIMEOUT,
}, async () => {
  await whileLocked(async () => {
    const elapsed = startStopwatch();
    let isOver = false;
    const answers = Promise.allSettled(
      ["a", "b", "c", "d"].flatMap((id) => {
        const caller = callerOf(person(id));
        const cleanup = { task_type: "access_logs", days_to_keep: 30, archive: true } as const;
        return [
          caller.retention.outlook(),
          caller.retention.preview(cleanup),
          caller.retention.preview(cleanup),
          caller.exports.preview(preview),
          caller.exports.preview(preview),
        ];
      }),
    ).finally(() => {
      isOver = true;
    });
    let peak = 0;
    await expect.poll(waiting, { timeout: TIMEOUT }).toBeGreaterThan(0);
    while (!isOver) {
      peak = Math.max(peak, await waiting());
      expect([await signIn(), await health()]).toEqual([200, 200]);
    }
    // At most the number of connections for reading one table.
    expect(peak).toBeLessThanOrEqual(6);
    expect(elapsed()).toBeLessThan(ANSWER_MS);
    for (const answer of await answers) {
      expect(answer).toMatchObject({ status: "rejected", reason: { code: "SERVICE_UNAVAILABLE" } });
    }
  });
  expect(await callerOf(person("a")).exports.preview(preview)).toMatchObject({ row_count: 0 });
});

it("Concurrent requests for the cleanup outlook share one count", { timeout: TIMEOUT }, async () => {
  await whileLocked(async () => {
    const answers = Promise.allSettled(
      Array.from({ length: 8 }, (_, at) => callerOf(person(`reader ${at}`)).retention.outlook()),
    );
    await expect.poll(waiting, { timeout: TIMEOUT }).toBe(1);
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set(["rejected"]));
  });
});

it("A user with five pending previews is refused a sixth; other users are not affected", {
  timeout: TIMEOUT,
}, async () => {
  await whileLocked(async () => {
    const caller = callerOf(person("eager"));
    const answers = Promise.allSettled(Array.from({ length: 6 }, () => caller.exports.preview(preview)));
    const other = callerOf(person("other")).exports.preview({ ...preview, export_type: "user_activities" });
    expect(await other).toMatchObject({ row_count: 0 });
    const codes = (await answers).map((answer) => answer.status === "rejected" && answer.reason.code);
    expect(codes.filter((code) => code === "TOO_MANY_REQUESTS")).toHaveLength(1);
  });
  expect(await callerOf(person("eager")).exports.preview(preview)).toMatchObject({ row_count: 0 });
});

it("Counting for a cleanup preview stops at its time limit", { timeout: TIMEOUT }, async () => {
  await test.context.db.sql`
    insert into access_logs (id, ip_address, request_path, created_at)
    select gen_random_uuid(), '203.0.113.7', '/' || repeat('x', 500), date_trunc('month', now()) - interval '1 second' * n
    from generate_series(0, 40000) as n`;
  const options = { daysToKeep: 0, archive: false, keepRestored: false };
  await expect(previewCleanupWithin(test.context, "access_logs", options, 1)).rejects.toMatchObject({
    code: "query.timeout",
    message: expect.stringContaining("timed out"),
  });
});

it("PostgreSQL stops reading for pages, counts, histograms and suggestions whose reader has left, and for no others", {
  timeout: TIMEOUT,
}, async () => {
  const { context } = test;
  const filters = { filter: "nowhere" };
  const list = { filters, start_date: "2000-01-01", end_date: "2100-01-01" };
  const readings: ((reader: ReturnType<typeof logReader>) => Promise<unknown>)[] = [
    (reader) => reader.page("access_logs", { ...list, count: "none" }),
    (reader) => reader.count("access_logs", { ...list, mode: "exact" }),
    (reader) => reader.histogram("access_logs", { ...list, buckets: 10 }),
    (reader) => reader.values("access_logs", { ...list, column: "request_path" }),
    (reader) => reader.members("access_logs", list),
  ];
  await whileSlow(context, async () => {
    const leaves = new AbortController();
    const answers = readings.map((read, at) => read(logReader(context, person(`leaves ${at}`), leaves.signal)));
    const answered = Promise.allSettled(answers);
    await expectRunning(context, (running) => running === readings.length);
    const other = context.db.logReads.access_logs.$client`select pg_sleep(0.5)`.execute();
    leaves.abort();
    for (const answer of await answered)
      expect(answer).toMatchObject({ status: "rejected", reason: { code: "request.aborted" } });
    await other;
    await expectRunning(context, (running) => running === 0);
  });
  const pages = Array.from({ length: 10 }, () =>
    logReader(context, person("next")).page("access_logs", { count: "none" }),
  );
  expect((await Promise.all(pages)).map(({ items }) => items.length)).toEqual(Array(10).fill(20));
});
