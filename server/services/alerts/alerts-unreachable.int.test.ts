import { Redis } from "ioredis";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import type { Context } from "@/server/process/context";
import { runMonitor } from "@/server/services/leader";
import { createTestContext } from "@/server/testing/context";
import { startFrozenProxy } from "@/server/testing/frozen-proxy";
import { openMonitored, type Watched } from "@/server/testing/monitored";
import { startPostgres } from "@/server/testing/postgres";
import { startRedis } from "@/server/testing/redis";
import { evaluateAlerts } from "./evaluate";

let watched: Watched;

beforeAll(async () => {
  watched = await openMonitored();
});
afterAll(() => watched?.close());

test("An alert fires when Redis is unreachable", async () => {
  const redis = await startRedis();
  const own = await createTestContext({ redisUrl: redis.url, overrides: { now: watched.now } });
  const states = async () =>
    (await own.context.db.sql<{ state: string }[]>`select state from alerts where rule = 'redis_unreachable'`).map(
      ({ state }) => state,
    );
  await evaluateAlerts(own.context);
  expect(await states()).toEqual([]);
  await redis.stop();
  await evaluateAlerts(own.context);
  watched.pass(16);
  await evaluateAlerts(own.context);
  expect(await states()).toEqual(["firing"]);
  await redis.start();
  await expect
    .poll(() =>
      own.context.queue.ping().then(
        () => "back",
        () => "unreachable",
      ),
    )
    .toBe("back");
  await evaluateAlerts(own.context);
  watched.pass(31);
  await evaluateAlerts(own.context);
  expect(await states()).toEqual(["resolved"]);
  await own.close();
  await redis.remove();
});

test("An alert fires while Redis refuses writes, and while a queue's key has the wrong type; unknown values change neither", async () => {
  const redis = await startRedis();
  const own = await createTestContext({ redisUrl: redis.url, overrides: { now: watched.now } });
  const admin = new Redis(redis.url);
  admin.on("error", () => {});
  const states = async () => {
    await evaluateAlerts(own.context);
    watched.pass(40);
    await evaluateAlerts(own.context);
    const rows = await own.context.db.sql<{ alert: string }[]>`
      select concat_ws(' ', rule, subject, state) as alert
      from alerts where rule in ('redis_refuses_writes', 'queue_wrong_type', 'redis_unreachable')
      order by fired_at`;
    return rows.map(({ alert }) => alert);
  };
  expect(await states()).toEqual([]);
  await admin.config("SET", "maxmemory", "1");
  expect(await states()).toEqual(["redis_refuses_writes OOM firing"]);
  await redis.stop();
  expect(await states()).toEqual(["redis_refuses_writes OOM firing", "redis_unreachable  firing"]);
  await redis.start();
  await vi.waitFor(() => own.context.queue.ping(), { timeout: 60_000 });
  expect(await states()).toEqual(["redis_refuses_writes OOM resolved", "redis_unreachable  resolved"]);
  await vi.waitFor(() => admin.set("user_activities_queue", "no list"), { timeout: 60_000 });
  expect((await states()).slice(2)).toEqual(["queue_wrong_type user_activities firing"]);
  await admin.del("user_activities_queue");
  expect((await states()).slice(2)).toEqual(["queue_wrong_type user_activities resolved"]);
  admin.disconnect();
  await own.close();
  await redis.remove();
});

test("An alert fires when PostgreSQL hangs: the leader notifies and stores it afterwards; a second outage within the hour is stored but not notified", async () => {
  const postgres = await startPostgres();
  await migrateDatabase(postgres.url());
  const proxy = await startFrozenProxy(postgres.port);
  const url = postgres.url().replace(String(postgres.port), String(proxy.port));
  const db = connectDatabase(url, { applicationName: "test" });
  const lines: string[] = [];
  const log = pino({}, { write: (line) => void lines.push(line) });
  const own: Context = { ...watched.ctx, db, log };
  const stop = new AbortController();
  const watching = runMonitor(own, { signal: stop.signal });
  const passing = (value: () => unknown) =>
    expect.poll(
      () => {
        watched.pass(2);
        return value();
      },
      { timeout: 60_000, interval: 500 },
    );
  await passing(async () => (await db.sql`select from alerts`).count).toBeGreaterThan(0);

  proxy.freeze();
  await passing(() => watched.notified("database_unreachable")).toEqual(["firing"]);
  proxy.thaw();
  await passing(() => watched.notified("database_unreachable")).toEqual(["firing", "resolved"]);

  await postgres.stop("immediate");
  await passing(() => lines.filter((line) => line.includes("PostgreSQL is unreachable"))).toHaveLength(2);
  await postgres.start();
  const stored = async () =>
    (
      await db.sql<{ state: string }[]>`select state from alerts where rule = 'database_unreachable'`.catch(() => [])
    ).map(({ state }) => state);
  await passing(stored).toEqual(["resolved", "resolved"]);
  expect(watched.notified("database_unreachable")).toEqual(["firing", "resolved"]);

  stop.abort();
  await watching;
  await db.close();
  await proxy.close();
  await postgres.remove();
});
