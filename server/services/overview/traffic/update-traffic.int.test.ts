import { afterEach, beforeEach, expect, test } from "vitest";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { foldCounters, insertAccessLogs } from "@/server/services/intake";
import { trafficOverview } from "@/server/services/overview";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { makeTrafficKeeper } from "./update-traffic";

const DAY_MS = 86_400_000;
/** Enough for the keeper to see an import under way. */
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

test("The overview equals the row count within a minute of a bulk import over 120 days, and says until then what is not counted", async () => {
  await importDays(120);
  // As once the counters of the import are older than what the keeper looks at.
  await foldCounters(ctx, "0 seconds");
  const before = await overview();
  expect(before.requests).toBe(0);
  expect(before.stale_hours).toBeGreaterThanOrEqual(120);

  let now = 0;
  const keepTraffic = makeTrafficKeeper(() => now);
  let seconds = 0;
  for (; seconds < 45; seconds++) {
    await keepTraffic(ctx);
    now += 1_000;
    if ((await overview()).stale_hours === 0) break;
  }
  const after = await overview();
  expect(after).toMatchObject({ requests: IMPORTED, stale_hours: 0 });
});

test("What comes now is counted while an import of older days goes on, and those follow", async () => {
  await importDays(60);
  let now = 0;
  const keepTraffic = makeTrafficKeeper(() => now);
  await keepTraffic(ctx);
  const old = (await overview()).requests;
  expect(old).toBeGreaterThan(0);
  expect(old).toBeLessThan(IMPORTED);
  // Nothing recent was counted, so nothing of it rests; older days do, since no time has passed.
  await insertAccessLogs(ctx, [event("/now", Date.now() - 60_000)]);
  await keepTraffic(ctx);
  expect((await overview()).requests).toBe(old + 1);
  now += 3_600_000;
  await keepTraffic(ctx);
  expect((await overview()).requests).toBeGreaterThan(old + 1);
});

test("Counts of an earlier version stay on the overview until they are replaced", async () => {
  await importDays(3);
  await foldCounters(ctx, "0 seconds");
  const keepTraffic = makeTrafficKeeper(() => 0);
  while ((await overview()).stale_hours > 0) await makeTrafficKeeper()(ctx);
  await ctx.db.sql`update monitoring_state set value = ${ctx.config.timeZone} where name = 'traffic_zone'`;
  await ctx.db.sql`delete from traffic where dimension = 'none'`;
  const kept = overview();
  expect((await kept).requests).toBe(IMPORTED);
  await keepTraffic(ctx);
  while ((await overview()).stale_hours > 0) await makeTrafficKeeper()(ctx);
  const { requests, users } = await overview();
  expect([requests, users.none]).toEqual([IMPORTED, IMPORTED]);
});
