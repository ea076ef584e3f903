import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import type { ColumnarEngine } from "@/server/columnar";
import { ensurePartitions } from "@/server/db/partitions";
import { COMMAND_LINE, type Context, type Principal } from "@/server/process/context";
import { maskFor } from "@/server/services/privacy";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { cleanupParams, jobRun } from "@/server/testing/cleanup";
import { columnarProcesses } from "@/server/testing/columnar-process";
import { setUpContext } from "@/server/testing/context";
import { type ChangesQuery, changesQuery } from "../contract";
import { explorer } from "../explorer";
import { findChanges } from "./find-changes";

let ctx: Context;
const opened = setUpContext(() => {});
// Without answers of tests before, whose rows were others.
const fresh = (): Context => ({ ...opened(), cache: { ...opened().cache, get: async () => undefined } });
beforeEach(() => {
  ctx = fresh();
});
// Each test has its own rows.
afterEach(() => ctx.db.sql`truncate access_logs`);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 2, 2, 9);
const VIEWER: Principal = { kind: "api_key", id: "viewer", name: "viewer", role: "viewer" };

interface Fault {
  /** Of 100 rows of the route /api/pay/:id in the second hour, those that fail. */
  readonly failing?: number;
  /** Requests of one address in the second hour. */
  readonly flood?: number;
  /** Their status, and the number of regions and browsers that they have. */
  readonly status?: number;
  readonly places?: number;
}

/** Fills the hour before `start` and the hour after it with the same traffic, except for a fault in the second one. */
async function fill(start: number, { failing = 0, flood = 0, status = 200, places = 5 }: Fault = {}): Promise<void> {
  const from = new Date(start - HOUR).toISOString();
  const months = [from, new Date(start + HOUR).toISOString()].map((time) => time.slice(0, 7));
  await ensurePartitions(ctx.db.sql, "access_logs", months);
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path, status_code, response_time, browser, region, extra)
    select gen_random_uuid(), ${from}::timestamptz + n * interval '3 seconds',
      ('10.0.' || n % 7 || '.' || n % 90)::inet, '/api/' || (array['cases', 'pay/' || n, 'users', 'files'])[1 + n % 4],
      case when n >= 1200 and n % 4 = 1 and n % 100 < ${failing} then 502 when n % 97 = 0 then 500 else 200 end,
      20 + n % 53, 'Browser ' || n % 5, 'Region ' || n % 6, jsonb_build_object('shop', 'S' || n % 3)
    from generate_series(0, 2399) as n`;
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path, status_code, response_time, browser, region, extra)
    select gen_random_uuid(), ${new Date(start).toISOString()}::timestamptz + n * interval '2 seconds', '203.0.113.9',
      '/by/203.0.113.9', ${status}, 20 + n % 53, 'Browser ' || n % ${places}, 'Region ' || n % ${places}, '{"shop": "flooded"}'
    from generate_series(1, ${flood}::int) as n`;
}

/** What changed in the hour after `start`. */
function query(start: number, given: Partial<ChangesQuery> = {}): ChangesQuery {
  const window = { start: new Date(start).toISOString(), end: new Date(start + HOUR).toISOString() };
  return changesQuery.parse({ table: "access_logs", window, ...given });
}

const ask = async (start = MONDAY, given: Partial<ChangesQuery> = {}, principal = COMMAND_LINE) =>
  await explorer(ctx, principal).changes(query(start, given));

it("names the route that fails, with its share of errors now and before", async () => {
  await fill(MONDAY, { failing: 90 });
  const { findings, rows_now, rows_before } = await ask();
  expect([rows_now, rows_before]).toEqual([1200, 1200]);
  expect(findings[0]).toMatchObject({
    kind: "errors",
    field: "route",
    value: "/api/pay/:id",
    rows_filter: "status_code:5xx",
  });
  expect(findings[0]?.share_now).toBeGreaterThan(0.9);
  expect(findings[0]?.share_before).toBeLessThan(0.4);
});

it("names the address that floods, and to viewers what they may filter by, with masked addresses", async () => {
  await fill(MONDAY, { flood: 900 });
  const { findings } = await ask();
  const rows = { kind: "rows", rows_now: 900, rows_before: 0 };
  expect(findings[0]).toMatchObject({ ...rows, field: "ip_address", value: "203.0.113.9" });
  expect(findings[0]?.also).toContainEqual({ field: "extra.shop", value: "flooded" });
  const shown = await ask(MONDAY, {}, VIEWER);
  expect(shown.findings[0]).toMatchObject({
    ...rows,
    field: "route",
    value: "/by/:id",
    also: [{ field: "request_path", value: "/by/203.0.113.***" }],
  });
  expect(JSON.stringify(shown)).not.toMatch(/203\.0\.113\.9|ip_address|ip_block|user_agent|is_bot|extra/);
  await expect(ask(MONDAY, { filter: "ip_address:203.0.113.9" }, VIEWER)).rejects.toMatchObject({
    code: "privacy.masked_filter",
  });
});

it("finds the same causes in a sample, and counts their rows in all", async () => {
  await fill(MONDAY, { failing: 90, flood: 900 });
  const all = await ask();
  const sampled = await findChanges(ctx, query(MONDAY), await maskFor(ctx, COMMAND_LINE), { sampleRows: 400 });
  const counted = ({ findings, rows_now, rows_before }: typeof all) => ({
    findings: findings
      .map(({ field, value, rows_now: now, rows_before: before }) => [field, value, now, before])
      .sort(),
    rows_now,
    rows_before,
  });
  expect(all.findings).toHaveLength(2);
  expect(counted(sampled)).toEqual(counted(all));
});

it("reports that nothing stands out in an hour like the one before, and in one without rows", async () => {
  await fill(MONDAY);
  expect((await ask()).findings).toEqual([]);
  expect((await ask(MONDAY + 7 * DAY)).findings).toEqual([]);
});

it("does not take one client's failed batch for a failing region, although others there have single errors", async () => {
  await fill(MONDAY, { flood: 40, status: 503, places: 1 });
  expect((await ask()).findings).toEqual([]);
});

it("compares with archived rows when they are included", async () => {
  const cutoff = Date.now() - 90 * DAY;
  await fill(cutoff, { failing: 90 });
  await fill(cutoff - 7 * DAY, { flood: 900 });
  const [half, whole] = [await ask(cutoff), await ask(cutoff - 7 * DAY)];
  await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams()), { dropTimeout: 0 });
  expect(await ask(cutoff, { include_archived: true })).toEqual({ ...half, as_of: expect.any(String) });
  // JSON members are chosen from rows that are not archived.
  expect((await ask(cutoff - 7 * DAY, { include_archived: true })).findings).toMatchObject([
    { field: "ip_address", value: "203.0.113.9", rows_now: 900, rows_before: 0, score: whole.findings[0]?.score },
  ]);
  expect([half.findings[0]?.field, whole.findings[0]?.field]).toEqual(["route", "ip_address"]);
  const left = await ask(cutoff);
  expect(left).toMatchObject({ rows_before: 0, findings: [] });
  expect(left.rows_now).toBeGreaterThan(0);
});

it("names the action that one user repeats", async () => {
  const { tableName } = logTables.user_activities;
  await ensurePartitions(ctx.db.sql, tableName, ["2026-03"]);
  await ctx.db.sql`
    insert into ${ctx.db.sql(tableName)} (id, created_at, user_id, action, resource_type, details)
    select gen_random_uuid(), ${new Date(MONDAY - HOUR).toISOString()}::timestamptz + n * interval '4 seconds',
      case when n > 1000 and n % 2 = 0 then 'mallory' else 'u' || n % 40 end,
      case when n > 1000 and n % 2 = 0 then 'delete' else 'view ' || n % 3 end, 'case', jsonb_build_object('n', n % 4)
    from generate_series(0, 1799) as n`;
  const { findings } = await ask(MONDAY, { table: "user_activities" });
  expect(findings).toMatchObject([{ kind: "rows", field: "user_id", value: "mallory", rows_now: 399, rows_before: 0 }]);
  expect(findings[0]?.also).toContainEqual({ field: "action", value: "delete" });
});

it("refuses a window that ends before it starts", async () => {
  const window = { start: "2026-03-02T10:00:00Z", end: "2026-03-02T09:00:00Z" };
  await expect(ask(MONDAY, { window })).rejects.toMatchObject({ code: "request.invalid" });
});

/** The engine, with `onStart` called while a statement of an analysis runs. */
function observed(onStart: () => void): ColumnarEngine {
  return {
    ...opened().columnar,
    async *stream(statement, options) {
      // Its process may have been killed before.
      await opened().columnar.query(sql`select 1`);
      const blocks = opened().columnar.stream(statement, options)[Symbol.asyncIterator]();
      const first = blocks.next();
      onStart();
      for (let next = await first; !next.done; next = await blocks.next()) yield next.value;
    },
  };
}

it("ends when the caller leaves, answers if the engine is killed once, and reports if it is killed again", async () => {
  await fill(MONDAY, { failing: 90 });
  const { findings } = await ask();
  const caller = new AbortController();
  ctx = { ...ctx, columnar: observed(() => caller.abort()) };
  await expect(explorer(ctx, COMMAND_LINE, caller.signal).changes(query(MONDAY))).rejects.toMatchObject({
    code: "request.aborted",
  });
  ctx = fresh();
  let kills = 1;
  const columnar = observed(() => {
    if (kills-- > 0) for (const pid of columnarProcesses()) process.kill(pid, "SIGKILL");
  });
  const mask = await maskFor(ctx, COMMAND_LINE);
  expect((await findChanges({ ...ctx, columnar }, query(MONDAY), mask)).findings).toEqual(findings);
  kills = 2;
  await expect(findChanges({ ...ctx, columnar }, query(MONDAY), mask)).rejects.toMatchObject({
    code: "columnar.engine_failed",
    kind: "UNAVAILABLE",
  });
});
