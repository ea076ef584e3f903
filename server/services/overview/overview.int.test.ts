import { afterAll, beforeAll, expect, test } from "vitest";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import { insertAccessLogs } from "@/server/services/intake";
import { collectReadings } from "@/server/services/metrics/collect";
import { rollUpMetrics } from "@/server/services/metrics/roll-up";
import { writeCounts } from "@/server/services/metrics/write";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { TopValues } from "./contract";
import { forecast } from "./forecast";
import { queueSeries, serviceSeries, storageSeries } from "./points";
import { rangeOf } from "./range";
import { tableGrowth } from "./table-growth";
import { timings } from "./timings";
import { trafficOverview } from "./traffic";
import { countAllTraffic } from "./traffic/count-traffic";

let opened: TestContext;
let ctx: Context;

beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Europe/Berlin" } });
  ctx = opened.context;
});
afterAll(() => opened?.close());

const at = (time: string) => `${time}.000000Z`;

test("A day of 25 hours has 25 hours, and is one day, in the charts", async () => {
  // Daylight saving time in Berlin ended on 26 October 2025: the day lasts from 22:00 to 23:00 UTC of the next.
  const day = Array.from({ length: 25 }, (_, hour) => new Date(Date.parse("2025-10-25T22:30:00Z") + hour * 3_600_000));
  await insertAccessLogs(
    ctx,
    day.map((time, hour) => ({
      ip_address: "203.0.113.7",
      request_path: "/",
      user_id: `u${hour}`,
      created_at: time.toISOString(),
    })),
  );
  await countAllTraffic(ctx);
  const hours = await trafficOverview(ctx, { start: at("2025-10-25T22:00:00"), end: at("2025-10-27T23:00:00") });
  expect(hours.step).toBe("hour");
  expect(hours.points.slice(0, 26).map(({ requests }) => requests)).toEqual([...day.map(() => 1), 0]);
  const days = await trafficOverview(ctx, { start: at("2025-09-25T00:00:00"), end: at("2025-11-20T00:00:00") });
  expect(days.step).toBe("day");
  expect(days.points.filter(({ requests }) => requests > 0)).toMatchObject([
    { at: at("2025-10-25T22:00:00"), end: at("2025-10-26T23:00:00"), requests: 25, users: 25 },
  ]);
  expect(days.paths).toMatchObject({ distinct: 1, is_lower_bound: false, values: [{ value: "/", rows: 25 }] });
});

test("Metrics are charted by the minute, and repeated roll-ups to slots, hours and days give the same sums", async () => {
  for (const seconds of [0.02, 0.02, 0.3]) recordDuration("rest", "GET /access-logs", seconds);
  await writeCounts(ctx);
  await collectReadings(ctx, true);
  await collectReadings(ctx, true);
  for (let time = 0; time < 2; time++) await rollUpMetrics(ctx, "far");
  const now = ctx.now().getTime();
  const instant = (time: number) => `${new Date(time).toISOString().slice(0, -1)}000Z`;
  const range = { start: instant(now - 600_000), end: instant(now + 60_000) };
  const [queues, service, storage] = [queueSeries(ctx, range), serviceSeries(ctx, range), storageSeries(ctx, range)];
  expect((await storage).points).toContainEqual(expect.objectContaining({ disk_used: expect.any(Number) }));
  expect((await queues).points.map(({ queue_length }) => queue_length.access_logs)).toContain(0);
  expect((await service).points.some(({ connections }) => connections !== null)).toBe(true);
  expect((await service).points.some(({ request_p95 }) => request_p95 !== null && request_p95 > 0.1)).toBe(true);
  const counts = await ctx.db.sql<{ grain: string; count: string }[]>`
    select grain, sum(count) as count from metrics
    where name = 'duration' and label = 'rest GET /access-logs' group by grain order by grain`;
  expect(counts.map(({ grain, count }) => [grain, Number(count)])).toEqual([
    ["day", 3],
    ["hour", 3],
    ["minute", 3],
    ["slot", 3],
  ]);
});

test("Events of minutes without a leader appear in the charts once they are filled in", async () => {
  await rollUpMetrics(ctx, "far");
  const [missed] = await ctx.db.sql<{ at: string }[]>`
    insert into metrics (grain, at, name, label, count, sum, min, max)
    values ('minute', date_trunc('minute', now() - interval '50 minutes'), 'events_inserted', 'access_logs', 7, 7, 7, 7)
    returning at`;
  await rollUpMetrics(ctx, "near");
  const now = ctx.now().getTime();
  const day = { start: instantOf(new Date(now - 86_400_000)), end: instantOf(new Date(now)) };
  const { step, points } = await queueSeries(ctx, day);
  expect(step).toBe("30m");
  const slot = points.find(({ end }) => Date.parse(end) > Date.parse(missed?.at ?? ""));
  expect(slot?.inserted).toBeGreaterThanOrEqual(7 / 1_800);
});

test("Call and job durations are listed by name", async () => {
  await ctx.db.sql`
    insert into metrics (grain, at, name, label, count, sum, min, max)
    values ('hour', date_trunc('hour', now()), 'job_seconds', 'export', 2, 90, 30, 60)`;
  const now = ctx.now().getTime();
  const day = { start: instantOf(new Date(now - 86_400_000)), end: instantOf(new Date(now)) };
  const { calls, jobs } = await timings(ctx, day);
  expect(jobs).toEqual([{ kind: "export", runs: 2, mean: 45, longest: 60 }]);
  const call = calls.find(({ name }) => name === "rest GET /access-logs");
  expect(call).toMatchObject({ calls: 3, longest: 0.3 });
  expect(call?.mean).toBeCloseTo(0.34 / 3);
  expect(calls.map(({ name }) => name)).toContain("batch access_logs");
});

test("A chart of a time whose minutes have expired is by the hour, and by the day once hours have expired", async () => {
  const ago = (days: number) => ctx.now().getTime() - days * 86_400_000;
  const chartOf = (days: number) =>
    serviceSeries(ctx, { start: instantOf(new Date(ago(days))), end: instantOf(new Date(ago(days) + 7_200_000)) });
  await ctx.db.sql`
    insert into metrics (grain, at, name, label, count, sum, min, max)
    values
      ('hour', date_trunc('hour', now() - interval '5 days'), 'connections', '', 60, 420, 5, 9),
      ('day', date_trunc('day', now() - interval '100 days', 'Europe/Berlin'), 'connections', '', 1440, 9999, 3, 8)`;
  expect((await chartOf(0.5)).step).toBe("slot");
  const hours = await chartOf(5);
  expect(hours).toMatchObject({ step: "hour", points: [{ connections: 9 }, {}, {}] });
  const days = await chartOf(100);
  expect(days.step).toBe("day");
  // The two hours may include midnight.
  expect(days.points[0]).toMatchObject({ connections: 8 });
});

test("Each list of the overview adds up to all rows, including empty values and the others", async () => {
  const day = "2025-03-03";
  await insertAccessLogs(
    ctx,
    Array.from({ length: 60 }, (_, n) => ({
      ip_address: "203.0.113.7",
      request_path: `/p/${n % 14}`,
      user_id: n % 4 === 0 ? null : `u${n % 3}`,
      country: n % 6 === 0 ? "Germany" : "",
      created_at: `${day}T12:00:${String(n).padStart(2, "0")}Z`,
    })),
  );
  await countAllTraffic(ctx);
  for (const range of [
    { start: at(`${day}T00:00:00`), end: at(`${day}T23:00:00`) },
    { start: at("2025-03-01T00:00:00"), end: at("2025-03-06T00:00:00") },
  ]) {
    const { requests, paths, users, regions } = await trafficOverview(ctx, range);
    expect(requests).toBe(60);
    for (const { values, none, others } of [paths, users, regions])
      expect(values.reduce((sum, { rows }) => sum + rows, none + others)).toBe(60);
    expect(paths).toMatchObject({ none: 0, distinct: 14 });
    expect(paths.others).toBeGreaterThan(0);
    expect(users).toMatchObject({ none: 15, others: 0 });
    expect(regions).toMatchObject({ none: 50, others: 0, values: [{ value: "Germany", rows: 10 }] });
  }
});

test("Rows of ten years are charted by quarter, and all that a log table can store by decade, in any range", async () => {
  const times = ["1970-01-01T00:00:00Z", "2015-06-30T22:30:00Z", "2015-07-31T21:30:00Z", "2100-12-31T23:59:59Z"];
  await insertAccessLogs(
    ctx,
    times.map((created_at) => ({ ip_address: "203.0.113.7", request_path: "/decade", response_time: 70, created_at })),
  );
  await countAllTraffic(ctx);
  const decade = await rangeOf(ctx, {
    from: Date.parse("2014-12-31T23:00:00Z"),
    to: Date.parse("2024-12-31T23:00:00Z"),
  });
  const quarters = await trafficOverview(ctx, decade);
  expect(quarters).toMatchObject({
    step: "quarter",
    lists_by: "quarter",
    requests: quarters.paths.others + sumOf(quarters.paths),
  });
  expect(quarters.points).toHaveLength(40);
  // Both times are in the third quarter in Berlin.
  expect(quarters.points.filter(({ requests }) => requests > 0)).toMatchObject([
    {
      at: at("2015-06-30T22:00:00"),
      end: at("2015-09-30T22:00:00"),
      requests: 2,
      users: null,
      p50: expect.any(Number),
    },
  ]);
  expect((await storageSeries(ctx, decade)).points).toHaveLength(40);
  await timings(ctx, decade);

  const farthest = [null, { from: Date.parse("0001-01-01T00:00:00Z"), to: Date.parse("9999-12-31T23:59:59Z") }];
  for (const range of farthest) {
    const years = await trafficOverview(ctx, await rangeOf(ctx, range));
    expect(years).toMatchObject({ step: "decade", lists_by: "decade" });
    const [counted] = await ctx.db.sql<{ rows: number }[]>`select count(*)::int as rows from access_logs`;
    expect(years.requests).toBe(counted?.rows);
    expect(years.points.find(({ at: start }) => start === at("2009-12-31T23:00:00"))).toMatchObject({ requests: 2 });
  }
  const outside = await rangeOf(ctx, { from: 8e14, to: 9e14 });
  expect((await trafficOverview(ctx, outside)).points).toEqual([]);
});

const sumOf = ({ values, none }: TopValues) => values.reduce((sum, { rows }) => sum + rows, none);

test("Ten thousand distinct paths without PostgreSQL statistics are listed without delay", async () => {
  await ctx.db.sql`truncate traffic`;
  await ctx.db.sql`
    insert into traffic (log_table, grain, dimension, at, value, rows)
    select 'access_logs', 'hour', 'path', '2025-04-04 10:00Z', '/path/' || n, n % 50 from generate_series(1, 10000) as n`;
  const started = performance.now();
  const { paths } = await trafficOverview(ctx, { start: at("2025-04-04T00:00:00"), end: at("2025-04-04T23:00:00") });
  expect(paths.distinct).toBe(10_000);
  // When counted once per path, it took ten seconds.
  expect(performance.now() - started).toBeLessThan(3_000);
});

test("Disk exhaustion is predicted after a day of metrics, and unknown before", async () => {
  const measure = async (hours: number) => {
    await ctx.db.sql`delete from metrics where name in ('disk_free_bytes', 'database_bytes')`;
    await ctx.db.sql`
      insert into metrics (grain, at, name, label, count, sum, min, max)
      select 'hour', now() - make_interval(hours => n), name, label, 1, n * 1e6, n * 1e6, n * 1e6
      from generate_series(0, ${hours}::int) as n
      cross join (values ('disk_free_bytes', 'data'), ('database_bytes', '')) as measured (name, label)`;
    return await forecast(ctx, 1);
  };
  expect(await measure(5)).toMatchObject({
    disk_is_predicted: false,
    days_until_disk_full: null,
    database_growth: null,
  });
  const known = await measure(24);
  expect(known).toMatchObject({ disk_is_predicted: true, disk: "data" });
  expect(known.days_until_disk_full).toBeGreaterThan(0);
});

test("An import of old data changes neither the rows per day nor the growth; nor does a restore", async () => {
  const days = 6;
  await ctx.db.sql`truncate metrics, traffic`;
  await ctx.db.sql`
    insert into traffic (log_table, grain, dimension, at, value, rows)
    select 'access_logs', 'hour', 'all', date_trunc('hour', now()) - make_interval(hours => n), '', 10
    from generate_series(0, ${days * 24 - 1}::int) as n`;
  // Each row takes 100 bytes. 400,000 older ones are imported in the 30th and 31st hour, and 50,000 restored in the 90th.
  const measure = async (isImported: boolean) => {
    await ctx.db.sql`delete from metrics`;
    await ctx.db.sql`
      insert into metrics (grain, at, name, label, count, sum, min, max)
      select 'hour', at, name, label, 1, value, value, value
      from (
        select date_trunc('hour', now()) - make_interval(hours => ${days * 24 - 1}::int - n) as at, n,
          case when ${isImported} and n in (30, 31) then 200010 else 10 end as inserted,
          10 * n + case when ${isImported} then 200000 * ((n >= 30)::int + (n >= 31)::int) + 50000 * (n >= 90)::int else 0 end as rows
        from generate_series(0, ${days * 24 - 1}::int) as n
      ) as hours
      cross join lateral (values
        ('events_inserted', 'access_logs', inserted),
        ('table_rows', 'access_logs', rows),
        ('table_bytes', 'access_logs', rows * 70),
        ('index_bytes', 'access_logs', rows * 30),
        ('database_bytes', '', rows * 100),
        ('disk_free_bytes', 'data', 1000000000 - rows * 100)
      ) as measured (name, label, value)`;
    const { rows_per_day, database_growth, days_until_disk_full } = await forecast(ctx, 1);
    return { rows_per_day, database_growth, days_until_disk_full, table: await tableGrowth(ctx, "access_logs") };
  };
  const usual = await measure(false);
  expect(usual.rows_per_day).toBeGreaterThan(230);
  expect(usual.rows_per_day).toBeLessThan(245);
  expect(usual.database_growth).toBeCloseTo(24_000);
  expect(usual.table.bytes_per_day).toBeCloseTo(24_000);
  await ctx.db.sql`
    insert into jobs (id, kind, status, params, progress, requester, requested_by, created_at, started_at, finished_at)
    select gen_random_uuid(), 'restore', 'completed', '{}', '{"done":1,"total":1,"phase":""}', 'user:1', 'u', at, at, at + interval '9 minutes'
    from (select date_trunc('hour', now()) - make_interval(hours => ${days * 24 - 1}::int - 90) as at) as restored`;
  const imported = await measure(true);
  expect(imported.rows_per_day).toBeCloseTo(usual.rows_per_day ?? 0, 1);
  // The usual growth of the hours that are left out is missing.
  const isClose = (one: number | null, other: number | null) => Math.abs((one ?? 0) / (other ?? 1) - 1) < 0.08;
  expect(isClose(imported.database_growth, usual.database_growth)).toBe(true);
  expect(isClose(imported.table.bytes_per_day, usual.table.bytes_per_day)).toBe(true);
  expect(isClose(imported.table.rows_per_day, usual.table.rows_per_day)).toBe(true);
  expect(usual.days_until_disk_full === null).toBe(imported.days_until_disk_full === null);
});

test("A chart of any range has bars of one width, at most 62, that add up to all requests, and the period before", async () => {
  await ctx.db.sql`truncate traffic`;
  // One request every five minutes for 40 days around the end of daylight saving time.
  await ctx.db.sql`
    insert into traffic (log_table, grain, dimension, at, value, rows)
    select 'access_logs', grain, 'all', case grain when 'slot' then at else date_trunc(grain, at, 'Europe/Berlin') end, '', count(*)
    from generate_series('2025-10-01Z'::timestamptz, '2025-11-09 23:55Z', '5 minutes') as at
    cross join (values ('slot'), ('hour'), ('day')) as grains (grain)
    group by 2, 4`;
  for (const [hours, step] of [
    [1, "slot"],
    [12, "15m"],
    [24, "30m"],
    [48, "hour"],
    [168, "3h"],
    [336, "6h"],
    [720, "12h"],
    [1_440, "day"],
    [2_400, "2d"],
  ] as const) {
    const end = Date.parse("2025-11-02T00:00:00Z");
    const range = { start: instantOf(new Date(end - hours * 3_600_000)), end: instantOf(new Date(end)) };
    const { points, requests, previous, ...traffic } = await trafficOverview(ctx, range);
    expect([hours, traffic.step]).toEqual([hours, step]);
    expect(points.length).toBeLessThanOrEqual(64);
    const expected =
      Math.min(Date.parse(points.at(-1)?.end ?? ""), Date.parse("2025-11-10T00:00:00Z")) -
      Math.max(Date.parse(points[0]?.at ?? ""), Date.parse("2025-10-01T00:00:00Z"));
    expect([hours, requests]).toEqual([hours, expected / 300_000]);
    expect(traffic.totals.requests).toBe(requests);
    expect(previous?.points).toHaveLength(points.length);
    if (hours <= 336) expect(previous?.totals.requests).toBe(requests);
  }
});
