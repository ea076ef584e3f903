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
import { rangeOf } from "./range";
import { metricSeries } from "./series";
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
  const days = await trafficOverview(ctx, { start: at("2025-10-20T00:00:00"), end: at("2025-10-30T00:00:00") });
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
  const { points } = await metricSeries(ctx, { start: instant(now - 600_000), end: instant(now + 60_000) });
  const measured = points.filter((point) => point.disk_used !== null);
  expect(measured.length).toBeGreaterThan(0);
  expect(measured[0]).toMatchObject({ queue_length: { access_logs: 0 }, connections: expect.any(Number) });
  expect(points.some(({ request_p95 }) => request_p95 !== null && request_p95 > 0.1)).toBe(true);
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
    values ('minute', date_trunc('minute', now() - interval '50 minutes'), 'events_received', 'access_logs', 7, 7, 7, 7)
    returning at`;
  await rollUpMetrics(ctx, "near");
  const now = ctx.now().getTime();
  const day = { start: instantOf(new Date(now - 86_400_000)), end: instantOf(new Date(now)) };
  const { step, points } = await metricSeries(ctx, day);
  expect(step).toBe("slot");
  const slot = points.find(({ end }) => Date.parse(end) > Date.parse(missed?.at ?? ""));
  expect(slot?.received).toBeCloseTo(7 / 300);
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
    metricSeries(ctx, { start: instantOf(new Date(ago(days))), end: instantOf(new Date(ago(days) + 7_200_000)) });
  await ctx.db.sql`
    insert into metrics (grain, at, name, label, count, sum, min, max)
    values
      ('hour', date_trunc('hour', now() - interval '5 days'), 'connections', '', 60, 420, 5, 9),
      ('day', date_trunc('day', now() - interval '100 days', 'Europe/Berlin'), 'connections', '', 1440, 9999, 3, 8)`;
  expect((await chartOf(0.5)).step).toBe("minute");
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

test("Rows of ten years are charted by month, and all that a log table can store by year, in any range", async () => {
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
  const months = await trafficOverview(ctx, decade);
  expect(months).toMatchObject({
    step: "month",
    lists_by: "month",
    requests: months.paths.others + sumOf(months.paths),
  });
  expect(months.points).toHaveLength(120);
  // Both times are in July in Berlin.
  expect(months.points.filter(({ requests }) => requests > 0)).toMatchObject([
    {
      at: at("2015-06-30T22:00:00"),
      end: at("2015-07-31T22:00:00"),
      requests: 2,
      users: null,
      p50: expect.any(Number),
    },
  ]);
  expect((await metricSeries(ctx, decade)).points).toHaveLength(120);
  await timings(ctx, decade);

  const farthest = [null, { from: Date.parse("0001-01-01T00:00:00Z"), to: Date.parse("9999-12-31T23:59:59Z") }];
  for (const range of farthest) {
    const years = await trafficOverview(ctx, await rangeOf(ctx, range));
    expect(years).toMatchObject({ step: "year", lists_by: "year" });
    const [counted] = await ctx.db.sql<{ rows: number }[]>`select count(*)::int as rows from access_logs`;
    expect(years.requests).toBe(counted?.rows);
    expect(years.points.find(({ at: start }) => start === at("2014-12-31T23:00:00"))).toMatchObject({ requests: 2 });
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
