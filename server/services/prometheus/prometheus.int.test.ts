import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET } from "@/app/api/metrics/route";
import { type Context, provideContext } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import { createApiKey } from "@/server/services/accounts";
import { checkHealth } from "@/server/services/health";
import { insertAccessLogs } from "@/server/services/intake";
import { runJobs, waitForJob } from "@/server/services/jobs";
import { collectReadings, writeCounts } from "@/server/services/metrics";
import { runTaskNow } from "@/server/services/schedules";
import { createTestContext, type TestContext } from "@/server/testing/context";

const URL = "http://127.0.0.1:3000/api/metrics";

let opened: TestContext;
let ctx: Context;
let key: string;

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  provideContext(ctx);
  key = (await createApiKey(ctx, { name: "prometheus", role: "viewer" })).key;
});
afterAll(() => opened?.close());

const scrape = () => GET(new Request(URL, { headers: { authorization: `Bearer ${key}` } }));
const linesOf = async () => (await (await scrape()).text()).split("\n");

const insert = (count: number) =>
  insertAccessLogs(
    ctx,
    Array.from({ length: count }, (_, index) => ({ ip_address: "203.0.113.7", request_path: `/${index}` })),
  );

/** The buckets of a histogram in order, with their cumulative counts. */
function bucketsOf(lines: readonly string[], metric: string, label: string): [le: number, count: number][] {
  return lines.flatMap((line): [number, number][] => {
    const [, le, count] = new RegExp(`^${metric}_bucket\\{le="(.+?)",${label}\\} (\\d+)$`).exec(line) ?? [];
    return le ? [[le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le), Number(count)]] : [];
  });
}

test("Prometheus reads the metrics with any key, and nothing without one", async () => {
  expect((await GET(new Request(URL))).status).toBe(401);
  await insert(25);
  recordDuration("rest", "GET /access-logs", 0.3);
  await collectReadings(ctx, true);
  const response = await scrape();
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  const text = await response.text();
  for (const line of [
    'batch_console_events_received_total{queue="access_logs"} 25',
    'batch_console_queue_length{queue="access_logs"} 0',
    'batch_console_queue_in_flight{queue="access_logs"} 0',
    'batch_console_up{part="database"} 1',
    'batch_console_request_duration_seconds_bucket{le="0.5",kind="rest",name="GET /access-logs"} 1',
    "# TYPE batch_console_request_duration_seconds histogram",
    "# TYPE batch_console_index_scans_total counter",
  ]) {
    expect(text.split("\n")).toContain(line);
  }
  expect(text).toMatch(/^batch_console_disk_used_ratio\{disk="data"\} 0?\.?\d+/m);
  expect(text).toMatch(
    /^batch_console_index_scans_total\{table="access_logs",index="access_logs_pkey",partition="access_logs_p\d{4}_\d\d"\} \d+$/m,
  );
});

test("Batch durations of all processes form one histogram whose counts only increase", async () => {
  const metric = "batch_console_batch_insert_duration_seconds";
  const label = 'queue="access_logs"';
  await writeCounts(ctx);
  const before = bucketsOf(await linesOf(), metric, label);
  expect(before.at(-1)).toEqual([Number.POSITIVE_INFINITY, 1]);

  for (let batch = 0; batch < 3; batch++) await insert(10);
  await writeCounts(ctx);
  recordDuration("batch", "access_logs", 20);
  await writeCounts(ctx);
  const lines = await linesOf();
  const buckets = bucketsOf(lines, metric, label);
  expect(lines).toContain(`# TYPE ${metric} histogram`);
  expect(lines).toContain(`${metric}_count{${label}} 5`);
  expect(buckets.at(-1)).toEqual([Number.POSITIVE_INFINITY, 5]);
  expect(buckets.at(-2)).toEqual([10, 4]);
  for (const axis of [0, 1] as const) {
    const values = buckets.map((bucket) => bucket[axis]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
  expect(buckets.every(([, count], index) => count >= (before[index]?.[1] ?? 0))).toBe(true);
  const sum = Number(lines.find((line) => line.startsWith(`${metric}_sum{${label}}`))?.split(" ")[1]);
  expect(sum).toBeGreaterThan(20);
  expect(sum).toBeLessThan(60);
});

test("Job durations form a histogram by kind", async () => {
  await ctx.db.sql`insert into scheduled_tasks (name) values ('health_check')`;
  const admin = { kind: "user", id: "admin", name: "Admin", role: "admin" } as const;
  const stop = new AbortController();
  const { job_id } = await runTaskNow(ctx, "health_check", admin);
  const running = runJobs(ctx, { scheduled_task: async () => ({}) }, { signal: stop.signal });
  await waitForJob(ctx, job_id, { seconds: 10 });
  stop.abort();
  await running;
  recordDuration("job", "export", 42);
  await writeCounts(ctx);
  const lines = await linesOf();
  const metric = "batch_console_job_duration_seconds";
  expect(lines).toContain(`${metric}_count{kind="scheduled_task"} 1`);
  expect(bucketsOf(lines, metric, 'kind="export"').filter(([, count]) => count > 0)[0]).toEqual([60, 1]);
  expect(lines).toContain(`${metric}_sum{kind="export"} 42`);
  const minutes = await ctx.db
    .sql`select label, count, sum from metrics where name = 'job_seconds' and label = 'export'`;
  expect(minutes.map(({ label, count, sum }) => [label, Number(count), sum])).toEqual([["export", 1, 42]]);
});

test("Statements of the query engine are counted by outcome, and late segments are reported in hours", async () => {
  const value = (lines: readonly string[], name: string) =>
    Number(lines.find((line) => line.startsWith(`batch_console_${name} `))?.split(" ")[1]);
  const outcome = (name: string) => `engine_statements_total{outcome="${name}"}`;
  const before = await linesOf();
  await ctx.columnar.query(sql`select 1`);
  await expect(ctx.columnar.query(sql`select nothing`)).rejects.toThrow();
  const signal = AbortSignal.timeout(200);
  await expect(
    ctx.columnar.query(sql`select count(*) from range(100000000000) where random() > 2`, { signal }),
  ).rejects.toMatchObject({ name: "TimeoutError" });
  const after = await linesOf();
  for (const name of ["completed", "failed", "cancelled"].map(outcome))
    expect([name, value(after, name) - value(before, name)]).toEqual([name, 1]);
  expect(value(after, "engine_starts_total")).toBeGreaterThan(0);
  expect(after).toContain("batch_console_engine_failures_total 0");

  await ctx.db.sql`delete from segment_hours`;
  await ctx.db.sql`insert into segment_layouts (log_table, layout) values ('access_logs', 1) on conflict do nothing`;
  const lag = 'segment_lag_seconds{table="access_logs"}';
  const addHour = (ago: number, dirtySeq: number | null) => ctx.db.sql`
    insert into segment_hours (log_table, hour, dirty_seq)
    values ('access_logs', date_trunc('hour', now(), 'UTC') - make_interval(hours => ${ago}), ${dirtySeq})`;
  await addHour(10, null);
  await addHour(0, 3);
  // Rows that arrived late for an hour before the newest written one.
  await addHour(100, 1);
  expect(value(await linesOf(), lag)).toBe(0);
  expect((await checkHealth(ctx)).parts.segments).toMatchObject({ state: "ok" });
  await addHour(8, 2);
  const seconds = value(await linesOf(), lag);
  expect([seconds >= 7 * 3_600, seconds < 9 * 3_600]).toEqual([true, true]);
  expect((await checkHealth(ctx)).parts.segments).toMatchObject({
    advice: { code: "health.segments_late", params: { hours: Math.floor(seconds / 3_600) } },
  });
});
