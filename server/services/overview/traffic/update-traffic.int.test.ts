import { afterEach, beforeEach, expect, test } from "vitest";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { foldCounters, insertAccessLogs } from "@/server/services/intake";
import { trafficOverview } from "@/server/services/overview";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { makeTrafficUpdater } from "./update-traffic";

const DAY_MS = 86_400_000;
/** Enough rows for the updater to detect a running import. */
const IMPORTED = 6_000;

let opened: TestContext;
let ctx: Context;

beforeEach(async () => {
  opened = await createTestContext();
  ctx = opened.context;
});
afterEach(() => opened?.close());

const event = (path: string, time: number) => ({
  ip_address: "203.0.113.8",
  request_path: path,
  created_at: new Date(time).toISOString(),
});

const importDays = (days: number) =>
  insertAccessLogs(
    ctx,
    Array.from({ length: IMPORTED }, (_, n) => event(`/old/${n % 500}`, Date.now() - DAY_MS * (2 + (n % days)) - n)),
  );

const overview = () =>
  trafficOverview(ctx, { start: instantOf(new Date(Date.now() - 200 * DAY_MS)), end: instantOf(new Date(Date.now())) });

test("The overview matches the row count within a minute of a bulk import over 120 days, and reports uncounted hours until then", async () => {
  await importDays(120);
  // After the import's counters have left the window that the updater reads.
  await foldCounters(ctx, "0 seconds");
  const before = await overview();
  expect(before.requests).toBe(0);
  expect(before.dirty_hours).toBeGreaterThanOrEqual(120);

  let now = 0;
  const updateTraffic = makeTrafficUpdater(() => now);
  let seconds = 0;
  for (; seconds < 45; seconds++) {
    await updateTraffic(ctx);
    now += 1_000;
    if ((await overview()).dirty_hours === 0) break;
  }
  const after = await overview();
  expect(after).toMatchObject({ requests: IMPORTED, dirty_hours: 0 });
});

test("Recent rows are counted during an import of older days, and the older days follow", async () => {
  await importDays(60);
  let now = 0;
  const updateTraffic = makeTrafficUpdater(() => now);
  await updateTraffic(ctx);
  const old = (await overview()).requests;
  expect(old).toBeGreaterThan(0);
  expect(old).toBeLessThan(IMPORTED);
  // No recent hour was counted, so recent hours are not throttled; older ones are, since the clock is unchanged.
  await insertAccessLogs(ctx, [event("/now", Date.now() - 60_000)]);
  await updateTraffic(ctx);
  expect((await overview()).requests).toBe(old + 1);
  now += 3_600_000;
  await updateTraffic(ctx);
  expect((await overview()).requests).toBeGreaterThan(old + 1);
});

test("Counts of an earlier version stay on the overview until they are replaced", async () => {
  await importDays(3);
  await foldCounters(ctx, "0 seconds");
  const updateTraffic = makeTrafficUpdater(() => 0);
  while ((await overview()).dirty_hours > 0) await makeTrafficUpdater()(ctx);
  await ctx.db.sql`update monitoring_state set value = ${ctx.config.timeZone} where name = 'traffic_zone'`;
  await ctx.db.sql`delete from traffic where dimension = 'none'`;
  const current = overview();
  expect((await current).requests).toBe(IMPORTED);
  await updateTraffic(ctx);
  while ((await overview()).dirty_hours > 0) await makeTrafficUpdater()(ctx);
  const { requests, users } = await overview();
  expect([requests, users.none]).toEqual([IMPORTED, IMPORTED]);
});
