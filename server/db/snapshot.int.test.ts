import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { withSnapshot } from "./snapshot";

let opened: TestContext;
let ctx: Context;
let cleaner: postgres.Sql;
beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  cleaner = postgres(ctx.db.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await cleaner.end();
  await opened.close();
});

const { signal } = new AbortController();
const source = () => ({
  url: ctx.db.url,
  applicationName: "batch-console export",
  timeZone: "UTC",
  tables: ["access_logs", "user_activity_logs"],
});

test("a month cannot be dropped between an export's snapshot and its first read of the table", async () => {
  await withSnapshot(source(), signal, async () => {
    const drop = cleaner.begin(async (tx) => {
      await tx`set local lock_timeout = '100ms'`;
      await tx`lock table only access_logs in access exclusive mode`;
    });
    await expect(drop).rejects.toMatchObject({ code: "55P03" });
  });
});

test("a cleanup that committed while the export waited for the table is visible in its snapshot", async () => {
  let seen: Promise<readonly { path: string }[]> = Promise.resolve([]);
  await cleaner.begin(async (tx) => {
    await tx`lock table access_logs in access exclusive mode`;
    seen = withSnapshot(source(), signal, async (reader) => {
      return await reader<{ path: string }[]>`select request_path as path from access_logs`;
    });
    for (let isWaiting = false; !isWaiting; await sleep(10)) {
      const waiting = await ctx.db.sql`
        select from pg_stat_activity
        where datname = current_database() and application_name = 'batch-console export' and wait_event_type = 'Lock'`;
      isWaiting = waiting.length > 0;
    }
    await tx`
      insert into access_logs (id, created_at, ip_address, request_path)
      values (gen_random_uuid(), now(), '10.0.0.1', '/late')`;
  });
  expect([...(await seen)]).toEqual([{ path: "/late" }]);
});
