import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { queueStatus } from "@/server/services/queues";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";

/** FAULT_EVENTS=200000 FAULT_TIMES=6 runs the test at full scale. */
const EVENTS = Number(process.env.FAULT_EVENTS ?? 12_000);
const FAULTS = Number(process.env.FAULT_TIMES ?? 3);
/** Small batches, so that every fault occurs during processing. */
const BATCH = EVENTS > 50_000 ? 500 : 100;
const TIMEOUT = 240_000;

const log = pino({ level: "silent" });
let postgres: TestPostgres;
let redis: TestRedis | undefined;
let env: Record<string, string>;
let context: Context;
let workers: WorkerProcess[] = [];

/** Starts a separate PostgreSQL and Redis, because the test stops them. */
async function setUp(backend: "redis" | "postgres"): Promise<void> {
  postgres = await startPostgres();
  await migrateDatabase(postgres.url());
  redis = backend === "redis" ? await startRedis({ appendonly: "always" }) : undefined;
  const sizes = { BATCH_SIZE: String(BATCH), MAX_BATCH_SIZE: String(BATCH) };
  env = { ...sizes, DATABASE_URL: postgres.url(), ...(redis && { REDIS_URL: redis.url }) };
  const config = loadConfig(env);
  const db = connectDatabase(postgres.url(), { applicationName: "test", max: 3 });
  const files = await openFileStores(config, db.sql);
  const queue = createLogQueue({ redisUrl: config.redisUrl, db, log });
  const cache = createCache({ redisUrl: config.redisUrl, log });
  const columnar = openColumnarEngine(config, log);
  context = { config, db, queue, files, cache, columnar, log, secret: "", now: () => new Date() };
}

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.end("SIGKILL")));
  await Promise.all([context.queue.close(), context.cache.close(), context.columnar.close()]);
  await context.db.close();
  await Promise.all([postgres.remove(), redis?.remove()]);
});

function event(index: number): string {
  const id = index % 2 === 0 ? { id: randomUUID() } : {};
  const time = index % 3 === 0 ? { created_at: "2026-03-04T05:06:07Z" } : {};
  return JSON.stringify({ ...id, ...time, ip_address: "203.0.113.7", request_path: `/orders/${index}` });
}

/**
 * Produces events like the platform's services, with a plain client and LPUSH; without Redis, through HTTP intake's
 * queue.
 */
async function produce(): Promise<void> {
  const producer = redis && new Redis(redis.url);
  for (let start = 0; start < EVENTS; start += 1_000) {
    const events = Array.from({ length: Math.min(1_000, EVENTS - start) }, (_, offset) => event(start + offset));
    if (producer) await producer.lpush("access_logs_queue", ...events);
    else await context.queue.push("access_logs", events);
  }
  producer?.disconnect();
}

async function startWorkers(count: number): Promise<void> {
  workers = await Promise.all(Array.from({ length: count }, () => startWorkerProcess(env)));
  await Promise.all(workers.map((worker) => worker.ready));
}

async function received(): Promise<number> {
  for (;;) {
    try {
      const { access_logs } = (await queueStatus(context)).queues;
      expect(access_logs.received_total).toBeLessThanOrEqual(EVENTS);
      return access_logs.inserted_total;
    } catch (error) {
      if (error instanceof Error && error.name === "AssertionError") throw error;
      await sleep(50);
    }
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

/** Triggers each fault after more events were stored, and all of them before the end. */
async function duringProcessing(fault: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < FAULTS; index++) {
    const before = await received();
    const goal = Math.min(before + EVENTS / (FAULTS * 4), EVENTS);
    await until(async () => (await received()) >= goal);
    await fault(index);
  }
}

async function expectEveryEventOnce(): Promise<void> {
  await until(async () => {
    const { queue_length, in_flight } = (await queueStatus(context)).queues.access_logs;
    return queue_length === 0 && in_flight === 0;
  });
  const [rows] = await context.db.sql`
    select count(*)::int as total, count(distinct request_path)::int as different from access_logs`;
  expect(rows).toEqual({ total: EVENTS, different: EVENTS });
  expect((await queueStatus(context)).queues.access_logs).toMatchObject({
    received_total: EVENTS,
    inserted_total: EVENTS,
    duplicates_total: 0,
    dead_total: 0,
    in_flight: 0,
  });
}

describe.each(["redis", "postgres"] as const)("with the queue in %s, every event is stored exactly once", (backend) => {
  beforeEach(() => setUp(backend));

  test("while two workers are killed repeatedly", { timeout: TIMEOUT }, async () => {
    await produce();
    await startWorkers(2);
    await duringProcessing(async (index) => {
      const victim = index % workers.length;
      expect(await workers[victim]?.end("SIGKILL")).toBe("SIGKILL");
      workers[victim] = await startWorkerProcess(env);
    });
    await expectEveryEventOnce();
  });

  test("while PostgreSQL is restarted under load, by a clean stop and by a crash", { timeout: TIMEOUT }, async () => {
    await produce();
    await startWorkers(2);
    await duringProcessing((index) => postgres.restart(index % 2 === 0 ? "immediate" : "fast"));
    await expectEveryEventOnce();
    for (const worker of workers) expect(await worker.end("SIGTERM"), worker.output()).toBe(0);
  });

  test("when a worker under load is stopped: it exits cleanly and leaves nothing behind", {
    timeout: TIMEOUT,
  }, async () => {
    await produce();
    await startWorkers(1);
    await until(async () => (await received()) > 0);
    expect(await workers[0]?.end("SIGTERM")).toBe(0);
    const status = await queueStatus(context);
    expect(status.workers).toEqual([]);
    expect(status.queues.access_logs.in_flight).toBe(0);
    // The row count is cached for a second.
    await until(async () => {
      const { queue_length, received_total } = (await queueStatus(context)).queues.access_logs;
      return queue_length === EVENTS - received_total;
    });
    await startWorkers(1);
    await expectEveryEventOnce();
  });
});

describe("with the queue in redis, every event is stored exactly once", () => {
  beforeEach(() => setUp("redis"));

  test("while Redis is restarted under load, by a clean stop and by a crash", { timeout: TIMEOUT }, async () => {
    await produce();
    await startWorkers(2);
    await duringProcessing(async (index) => redis?.restart(index % 2 === 0 ? "SIGKILL" : "SIGTERM"));
    await expectEveryEventOnce();
    for (const worker of workers) expect(await worker.end("SIGTERM"), worker.output()).toBe(0);
  });

  test("except one that crashes PostgreSQL whenever it is stored, which becomes a dead letter", {
    timeout: TIMEOUT,
  }, async () => {
    await context.db.sql.unsafe(`
      create function crash() returns trigger language plpgsql as $$
        begin
          if new.request_path = '/crash' then
            execute format('copy (select 1) to program %L', 'kill -9 ' || pg_backend_pid());
          end if;
          return new;
        end
      $$;
      create trigger crash before insert on access_logs for each row execute function crash()`);
    const paths = ["/before", "/crash", "/after"];
    const events = paths.map((path) => JSON.stringify({ ip_address: "203.0.113.7", request_path: path }));
    await context.queue.push("access_logs", events);
    await startWorkers(1);
    await until(async () => {
      const status = await queueStatus(context).catch(() => null);
      return status?.queues.access_logs.dead_total === 1;
    });
    const letters = await context.db.sql`select payload, error::jsonb from dead_letters`;
    expect(letters).toMatchObject([{ payload: events[1], error: { code: "event.ends_connection" } }]);
    const rows = await context.db.sql`select request_path from access_logs order by 1`;
    expect(rows.map((row) => row.request_path)).toEqual(["/after", "/before"]);
  });
});
