import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as acknowledge from "@/app/api/v1/batch-processing/alerts/[id]/acknowledge/route";
import * as alertsRoute from "@/app/api/v1/batch-processing/alerts/route";
import * as queueStatusRoute from "@/app/api/v1/batch-processing/queue-status/route";
import { type Context, provideContext } from "@/server/context";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { AppError } from "@/server/errors";
import { createApiKey } from "@/server/services/accounts";
import {
  insertAccessLogs,
  runCleanup,
  startWorkerHeartbeat,
  verifyArchive,
} from "@/server/services/batch-data-processor";
import { runJobs, waitForJob } from "@/server/services/jobs";
import { runTaskNow } from "@/server/services/scheduled-tasks";
import { noteTime } from "@/server/tally";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startFrozenProxy } from "@/server/testing/frozen-proxy";
import { startPostgres } from "@/server/testing/postgres";
import { startRedis } from "@/server/testing/redis";
import { type Receiver, startReceiver } from "@/server/testing/webhook-receiver";
import { drainQueues } from "@/server/worker/drain";
import { keepWatch } from "../keep-watch";
import { writeTally } from "../measures/write";
import { deliverNotices } from "../webhooks/deliver";
import { evaluateAlerts } from "./evaluate";
import { changeRule } from "./settings";

let opened: TestContext;
let ctx: Context;
let receiver: Receiver;
let key: string;
/** Milliseconds that the test's clock is ahead. */
let ahead = 0;
let dataDir: string;
/** Whether DATA_DIR has a disk of a megabyte to itself, for which one has to be root. */
let isOwnDisk = false;

const now = () => new Date(Date.now() + ahead);
const admin = { kind: "user", id: "admin", name: "Admin", role: "admin" } as const;

beforeAll(async () => {
  receiver = await startReceiver();
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-alerts-"));
  isOwnDisk = mountSmallDisk();
  opened = await createTestContext({
    env: { ALERT_WEBHOOK_URL: receiver.url, ALERT_WEBHOOK_ALLOW_PRIVATE: "true", DATA_DIR: dataDir },
    overrides: { now },
  });
  ctx = opened.context;
  provideContext(ctx);
  key = (await createApiKey(ctx, { name: "test", role: "operator" })).key;
  await ctx.db.sql`insert into scheduled_tasks (name) values ('data_cleanup'), ('health_check')`;
});
afterAll(async () => {
  await opened?.close();
  if (isOwnDisk) execFileSync("umount", [dataDir]);
  await rm(dataDir, { recursive: true, force: true });
  await receiver.close();
});

beforeEach(async () => {
  await ctx.db
    .sql`truncate alerts, alert_deliveries, log_queue, access_logs, intake_counters, measures, archives cascade`;
  await ctx.db.sql`delete from scheduled_task_runs`;
  await ctx.db.sql`update scheduled_tasks set next_run_at = null`;
  receiver.taken.length = 0;
});

function mountSmallDisk(): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dataDir], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Fills that disk; where there is none, a limit that any disk is over takes its place. */
async function fillDisk(): Promise<() => Promise<void>> {
  if (!isOwnDisk) {
    await changeRule(ctx, "disk_usage", { threshold: 0 }, admin);
    return () => changeRule(ctx, "disk_usage", { threshold: 1 }, admin);
  }
  const file = path.join(dataDir, "filling");
  await writeFile(file, Buffer.alloc(1_000_000));
  return () => rm(file);
}

/** Looks at the rules after so many seconds, and sends what there is to send. */
async function look(seconds: number): Promise<void> {
  ahead += seconds * 1_000;
  await evaluateAlerts(ctx);
  await deliverNotices(ctx);
}

async function ask(
  handler: (request: Request, routed?: { params: Promise<unknown> }) => Promise<Response>,
  options: { method?: string; query?: string; params?: object } = {},
) {
  const { method = "GET", query = "", params = {} } = options;
  const request = new Request(`http://127.0.0.1:3000/x${query}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  return {
    status: response.status,
    json: (await response.json()) as { items: unknown[]; alerts: unknown[]; id: string },
  };
}

const told = (rule: string) => receiver.taken.filter((body) => body.alert.rule === rule).map((body) => body.event);
const open = async (rule: string) =>
  (await ask(alertsRoute.GET, { query: "?state=open" })).json.items.filter(
    (item) => (item as { rule: string }).rule === rule,
  );

/** In REST, in the queues' state, and to the webhook. */
async function expectFiring(rule: string, subject: string): Promise<void> {
  expect(await open(rule)).toMatchObject([{ rule, subject, state: "firing", message: expect.any(String) }]);
  expect((await ask(queueStatusRoute.GET)).json.alerts).toContainEqual(expect.objectContaining({ rule, subject }));
  expect(told(rule)).toEqual(["firing"]);
}

async function expectResolved(rule: string): Promise<void> {
  expect(await open(rule)).toEqual([]);
  expect((await ask(alertsRoute.GET, { query: "?state=resolved" })).json.items).toContainEqual(
    expect.objectContaining({ rule, state: "resolved", resolved_at: expect.any(String) }),
  );
  expect(told(rule)).toEqual(["firing", "resolved"]);
}

const event = (index: number, given: object = {}) => ({
  ip_address: "203.0.113.7",
  request_path: `/${index}`,
  ...given,
});

describe("An alert fires and recovers", () => {
  test("when the worker has stopped and 10,001 events wait", async () => {
    await ctx.queue.push(
      "access_logs",
      Array.from({ length: 10_001 }, (_, index) => JSON.stringify(event(index))),
    );
    await look(0);
    expect(await open("queue_length")).toEqual([]);
    await look(21);
    await expectFiring("queue_length", "access_logs");
    await expectFiring("no_worker", "");

    const heartbeat = startWorkerHeartbeat(ctx, { id: crypto.randomUUID() });
    const stop = new AbortController();
    const draining = drainQueues(ctx, { signal: stop.signal });
    await expect.poll(async () => (await ctx.db.sql`select from log_queue limit 1`).count, { timeout: 30_000 }).toBe(0);
    await expect.poll(async () => (await ctx.queue.depth("access_logs")).length).toBe(0);
    await expect.poll(async () => (await ctx.db.sql`select from workers`).count).toBe(1);
    await look(1);
    await look(30);
    expect(await open("queue_length")).toHaveLength(1);
    await look(31);
    await expectResolved("queue_length");
    await expectResolved("no_worker");
    stop.abort();
    await Promise.all([draining, heartbeat.stop()]);
  });

  test("when 6 of 100 events cannot become rows", async () => {
    await insertAccessLogs(
      ctx,
      Array.from({ length: 100 }, (_, index) => event(index, index < 6 ? { status_code: "bad" } : {})),
    );
    await look(0);
    await look(21);
    await expectFiring("failure_rate", "access_logs");
    await insertAccessLogs(
      ctx,
      Array.from({ length: 100 }, (_, index) => event(index)),
    );
    await look(0);
    await look(61);
    await expectResolved("failure_rate");
  });

  test("when the disk is more than 90 % full", async () => {
    const empty = await fillDisk();
    await look(0);
    await look(31);
    await expectFiring("disk_usage", "data");
    await empty();
    await look(0);
    await look(61);
    await expectResolved("disk_usage");
  });

  test("when an event has waited for more than 5 minutes", async () => {
    await ctx.queue.push("access_logs", [JSON.stringify(event(1))]);
    await ctx.db.sql`update log_queue set enqueued_at = now() - interval '301 seconds'`;
    await expect.poll(async () => (await ctx.queue.depth("access_logs")).oldestAgeSeconds).toBeGreaterThan(300);
    await look(0);
    await expectFiring("oldest_event", "access_logs");
    await ctx.db.sql`truncate log_queue`;
    await expect.poll(async () => (await ctx.queue.depth("access_logs")).oldestAgeSeconds).toBeNull();
    await look(0);
    await look(31);
    await expectResolved("oldest_event");
  });

  test("when a scheduled task fails, until it succeeds", async () => {
    const run = async (work: () => Promise<Record<string, unknown>>) => {
      const stop = new AbortController();
      const { job_id } = await runTaskNow(ctx, "health_check", admin);
      const running = runJobs(ctx, { scheduled_task: work }, { signal: stop.signal });
      await waitForJob(ctx, job_id, { seconds: 10 });
      stop.abort();
      await running;
    };
    await run(async () => {
      throw new AppError("UNAVAILABLE", "no");
    });
    await look(0);
    await expectFiring("task_failed", "health_check");
    await run(async () => ({}));
    await look(0);
    await expectResolved("task_failed");
  });

  test("when a scheduled task is overdue", async () => {
    await ctx.db
      .sql`update scheduled_tasks set next_run_at = ${new Date(now().getTime() - 301_000).toISOString()} where name = 'data_cleanup'`;
    await look(0);
    await expectFiring("task_missed", "data_cleanup");
    await ctx.db.sql`update scheduled_tasks set next_run_at = ${new Date(now().getTime() + 3_600_000).toISOString()}`;
    await look(0);
    await expectResolved("task_missed");
  });

  test("when the night's cleanup has not succeeded since it was due, also when it is disabled", async () => {
    const days = (count: number) => new Date(now().getTime() - count * 86_400_000).toISOString();
    await ctx.db.sql`
      update scheduled_tasks set enabled = false, next_run_at = null, changed_at = ${days(3)} where name = 'data_cleanup'`;
    await look(0);
    await look(61);
    await expectFiring("cleanup_overdue", "");
    await ctx.db.sql`update scheduled_tasks set enabled = true, changed_at = ${days(0)}`;
    await look(0);
    await expectResolved("cleanup_overdue");
  });

  test("when rows are still there long after they expired, and when an archive is damaged", async () => {
    const old = new Date(now().getTime() - 100 * 86_400_000).toISOString();
    await insertAccessLogs(ctx, [event(1, { created_at: old })]);
    await look(0);
    await look(61);
    await expectFiring("retention_stalled", "access_logs");
    const params = {
      task_type: "access_logs",
      days_to_keep: 90,
      dry_run: false,
      archive: true,
      keep_restored: false,
    } as const;
    const signal = new AbortController().signal;
    await runCleanup(ctx, {
      id: crypto.randomUUID(),
      params,
      requestedBy: "test",
      attempt: 1,
      signal,
      progress: () => {},
    });
    await look(0);
    await look(61);
    await expectResolved("retention_stalled");

    const [archive] = await ctx.db.sql<{ id: string; path: string }[]>`select id, path from archives`;
    const file = path.join(dataDir, archive?.path ?? "");
    expect(await readdir(path.dirname(file))).not.toEqual([]);
    await writeFile(file, "not an archive");
    await verifyArchive(ctx, archive?.id ?? "");
    await look(0);
    await expectFiring("archive_damaged", archive?.id ?? "");
    await ctx.db.sql`delete from archives`;
    await look(0);
    await expectResolved("archive_damaged");
  });

  test("when 95 of 100 requests of a kind are not fast enough", async () => {
    for (let call = 0; call < 25; call++) noteTime("rest", "GET /slow", 4);
    await writeTally(ctx);
    await look(0);
    await look(61);
    await expectFiring("query_time", "rest GET /slow");
    await ctx.db.sql`truncate measures`;
    await look(0);
    await look(181);
    await expectResolved("query_time");
  });

  test("when Redis is away", async () => {
    const redis = await startRedis();
    const own = await createTestContext({ redisUrl: redis.url, overrides: { now } });
    const states = async () =>
      (await own.context.db.sql<{ state: string }[]>`select state from alerts where rule = 'redis_away'`).map(
        ({ state }) => state,
      );
    await evaluateAlerts(own.context);
    expect(await states()).toEqual([]);
    await redis.stop();
    await evaluateAlerts(own.context);
    ahead += 16_000;
    await evaluateAlerts(own.context);
    expect(await states()).toEqual(["firing"]);
    await redis.start();
    await expect
      .poll(() =>
        own.context.queue.ping().then(
          () => "back",
          () => "away",
        ),
      )
      .toBe("back");
    await evaluateAlerts(own.context);
    ahead += 31_000;
    await evaluateAlerts(own.context);
    expect(await states()).toEqual(["resolved"]);
    await own.close();
    await redis.remove();
  });

  test("when PostgreSQL hangs: who watched tells it, and writes it down afterwards; when it is away again within the hour, too, but tells nobody", async () => {
    const postgres = await startPostgres();
    await migrateDatabase(postgres.url());
    const proxy = await startFrozenProxy(postgres.port);
    const url = postgres.url().replace(String(postgres.port), String(proxy.port));
    const db = connectDatabase(url, { applicationName: "test" });
    const lines: string[] = [];
    const log = pino({}, { write: (line) => void lines.push(line) });
    const own: Context = { ...ctx, db, log };
    const stop = new AbortController();
    const watching = keepWatch(own, { signal: stop.signal });
    const passing = (value: () => unknown) =>
      expect.poll(
        () => {
          ahead += 2_000;
          return value();
        },
        { timeout: 45_000, interval: 500 },
      );
    await passing(async () => (await db.sql`select from alerts`).count).toBeGreaterThan(0);

    proxy.freeze();
    await passing(() => told("database_away")).toEqual(["firing"]);
    proxy.thaw();
    await passing(() => told("database_away")).toEqual(["firing", "resolved"]);

    await postgres.stop("immediate");
    await passing(() => lines.filter((line) => line.includes("PostgreSQL is away"))).toHaveLength(2);
    await postgres.start();
    const kept = async () =>
      (await db.sql<{ state: string }[]>`select state from alerts where rule = 'database_away'`.catch(() => [])).map(
        ({ state }) => state,
      );
    await passing(kept).toEqual(["resolved", "resolved"]);
    expect(told("database_away")).toEqual(["firing", "resolved"]);

    stop.abort();
    await watching;
    await db.close();
    await proxy.close();
    await postgres.remove();
  }, 120_000);
});

describe("An alert that goes on", () => {
  const overdue = () =>
    ctx.db
      .sql`update scheduled_tasks set next_run_at = ${new Date(now().getTime() - 400_000).toISOString()} where name = 'data_cleanup'`;
  const onTime = () => ctx.db.sql`update scheduled_tasks set next_run_at = null`;

  test("is told once an hour, and not any more once somebody acknowledged it", async () => {
    await overdue();
    await look(0);
    for (let minute = 0; minute < 61; minute += 10) await look(600);
    expect(told("task_missed")).toEqual(["firing", "still_firing"]);
    const [alert] = (await open("task_missed")) as { id: string }[];
    const params = { id: alert?.id };
    expect(await ask(acknowledge.POST, { method: "POST", params })).toMatchObject({
      status: 200,
      json: { state: "acknowledged", acknowledged_by: "test" },
    });
    await look(4_000);
    await look(4_000);
    expect(told("task_missed")).toEqual(["firing", "still_firing"]);
    await onTime();
    await look(0);
    expect(told("task_missed")).toEqual(["firing", "still_firing", "resolved"]);
    expect((await ask(acknowledge.POST, { method: "POST", params })).status).toBe(409);
    expect((await ask(acknowledge.POST, { method: "POST", params: { id: crypto.randomUUID() } })).status).toBe(404);
  });

  test("and comes and goes is told once in an hour", async () => {
    for (let round = 0; round < 5; round++) {
      await overdue();
      await look(0);
      await onTime();
      await look(60);
    }
    expect(told("task_missed")).toEqual(["firing", "resolved"]);
  });

  test("ends when its rule is switched off, and follows its threshold", async () => {
    await insertAccessLogs(
      ctx,
      Array.from({ length: 100 }, (_, index) => event(index, index < 6 ? { status_code: "bad" } : {})),
    );
    await changeRule(ctx, "failure_rate", { threshold: 0.07 }, admin);
    await look(0);
    await look(60);
    expect(await open("failure_rate")).toEqual([]);
    await changeRule(ctx, "failure_rate", { threshold: null }, admin);
    await look(0);
    await look(60);
    expect(await open("failure_rate")).toHaveLength(1);
    await changeRule(ctx, "failure_rate", { enabled: false }, admin);
    await look(0);
    expect(await open("failure_rate")).toEqual([]);
    await expect(changeRule(ctx, "no_worker", { threshold: 1 }, admin)).rejects.toThrow("no threshold");
    await expect(changeRule(ctx, "disk_usage", { threshold: 2 }, admin)).rejects.toThrow("from 0 to 1");
  });
});
