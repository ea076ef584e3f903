import { setImmediate as nextTurn } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { checkHealth } from "@/server/services/health";
import { storeClaim } from "@/server/services/intake";
import { prometheusText } from "@/server/services/prometheus";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { setQueuePaused } from "./queue-state";
import { queueStatus } from "./queue-status";

const ADMIN = { kind: "user", id: "1", name: "admin", role: "admin" } as const;

let test: TestContext;
let ctx: Context;

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
});

afterAll(() => test.close());

it("counts every event exactly once, at any moment", async () => {
  const EVENTS = 3_000;
  const payloads = Array.from({ length: EVENTS }, (_, n) =>
    JSON.stringify({ ip_address: "203.0.113.7", request_path: `/${n}` }),
  );
  await ctx.queue.push("access_logs", payloads);
  let draining = true;
  const drain = async () => {
    const limits = { events: 20, bytes: 1_000_000 };
    while (
      (await ctx.queue.consume(
        "access_logs",
        limits,
        async (claim, tx) => void (await storeClaim(ctx, "access_logs", claim, tx)),
      )) > 0
    );
    draining = false;
  };
  const watch = async () => {
    let last = 0;
    while (draining) {
      const { received_total, inserted_total, duplicates_total, dead_total, dropped_total, in_flight } = (
        await queueStatus(ctx)
      ).queues.access_logs;
      expect(received_total).toBe(inserted_total + duplicates_total + dead_total + dropped_total + (in_flight ?? 0));
      expect(received_total).toBeGreaterThanOrEqual(last);
      expect(received_total).toBeLessThanOrEqual(EVENTS);
      last = received_total;
      await nextTurn();
    }
  };
  await Promise.all([drain(), watch(), watch()]);
  expect((await queueStatus(ctx)).queues.access_logs).toMatchObject({
    received_total: EVENTS,
    inserted_total: EVENTS,
    in_flight: 0,
  });
});

it("reports a queue as stalled when events are queued and none is stored, but not when it is paused, resumed, busy or empty", async () => {
  const { sql } = ctx.db;
  const name = "user_activities";
  const figures = async () => {
    const { status, queues } = await queueStatus(ctx);
    return { status, problem: queues[name].problem, stalled: (queues[name].stalled_seconds ?? 0) > 30 };
  };
  const recordIdle = (seconds: number) => sql`
    insert into workers (id, host, pid, last_seen_at, idle_seconds)
    values ('00000000-0000-4000-8000-000000000001', 'test', 1, now(), ${sql.json({ [name]: seconds })})
    on conflict (id) do update set last_seen_at = now(), idle_seconds = excluded.idle_seconds`;
  const fine = { status: "healthy", problem: null, stalled: false };
  await sql`update queue_states set changed_at = now() - interval '1 hour'`;
  await recordIdle(500);
  expect(await figures()).toEqual(fine);
  await ctx.queue.push(name, ["{}"]);
  expect(await figures()).toEqual(fine);
  await sql`update log_queue set enqueued_at = now() - interval '40 seconds'`;
  expect(await figures()).toEqual({ status: "degraded", problem: "stalled", stalled: true });
  await recordIdle(5);
  expect(await figures()).toEqual(fine);
  await recordIdle(500);
  await setQueuePaused(ctx, name, true, ADMIN);
  expect(await figures()).toEqual(fine);
  expect((await queueStatus(ctx)).queues[name]).toMatchObject({ paused_by: "admin", paused_at: expect.any(String) });
  await setQueuePaused(ctx, name, false, ADMIN);
  expect(await figures()).toEqual(fine);
  expect((await queueStatus(ctx)).queues[name]).toMatchObject({ paused_by: null, paused_at: null });
  await sql`update queue_states set changed_at = now() - interval '31 seconds'`;
  expect(await figures()).toEqual({ status: "degraded", problem: "stalled", stalled: true });
  await sql`delete from workers`;
  expect(await figures()).toMatchObject({ status: "degraded", problem: "no_worker" });
});

describe("with the queue in Redis", () => {
  let redis: TestRedis;
  let own: TestContext;
  let admin: Redis;
  const report = async () => {
    const [status, health] = await Promise.all([queueStatus(own.context), checkHealth(own.context)]);
    return { status: status.status, queue: status.queues.access_logs, health: health.parts.queue };
  };

  beforeAll(async () => {
    redis = await startRedis();
    own = await createTestContext({ redisUrl: redis.url });
    admin = new Redis(redis.url);
    admin.on("error", () => {});
    await own.context.db.sql`
      insert into workers (id, host, pid, idle_seconds) values (gen_random_uuid(), 'test', 1, '{"access_logs": 0}')`;
  });
  afterAll(async () => {
    admin.disconnect();
    await own.close();
    await redis.remove();
  });

  it("reports that Redis refuses writes, and the number of queued events", async () => {
    await own.context.queue.push("access_logs", ["{}"]);
    expect(await report()).toMatchObject({ status: "healthy", queue: { problem: null }, health: { state: "ok" } });
    await admin.config("SET", "maxmemory", "1");
    expect(await report()).toMatchObject({
      status: "degraded",
      queue: { problem: "refuses_writes", refusal: "OOM", queue_length: 1, in_flight: 0 },
      health: {
        state: "degraded",
        advice: { params: { reason: { params: { text: expect.stringContaining("OOM") } } } },
      },
    });
    await admin.config("SET", "maxmemory", "0");
    expect(await report()).toMatchObject({ status: "healthy", queue: { problem: null }, health: { state: "ok" } });
  });

  it("reports that a queue's key has the wrong type, and its length as unknown", async () => {
    await admin.set("access_logs_queue", "no list");
    expect(await report()).toMatchObject({
      status: "degraded",
      queue: { problem: "wrong_type", queue_length: null, in_flight: null, stalled_seconds: null },
      health: { state: "degraded", advice: { params: { reason: { code: "queue.wrong_type" } } } },
    });
    await admin.del("access_logs_queue");
    expect(await report()).toMatchObject({ status: "healthy" });
  });

  it("reports the length as unknown, not as zero, while Redis is stopped", async () => {
    await redis.stop();
    const unknown = { queue_length: null, in_flight: null, oldest_age_seconds: null, drain_seconds_estimate: null };
    expect(await report()).toMatchObject({
      status: "degraded",
      queue: { ...unknown, problem: "unreachable", stalled_seconds: null },
      health: { state: "down" },
    });
    const { text } = await prometheusText(own.context);
    for (const gauge of ["queue_length", "queue_in_flight", "queue_oldest_age_seconds", "events_received_total"]) {
      expect(text).not.toContain(`batch_console_${gauge}{`);
    }
    expect(text).toContain('batch_console_up{part="queue"} 0');
    await redis.start();
  });
});
