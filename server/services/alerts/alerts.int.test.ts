import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import { insertAccessLogs } from "@/server/services/intake";
import { runJobs, UNFENCED, waitForJob } from "@/server/services/jobs";
import { writeCounts } from "@/server/services/metrics/write";
import { queueStatus, setQueuePaused, startCollectorHeartbeat, startWorkerHeartbeat } from "@/server/services/queues";
import { runCleanup, verifyArchive } from "@/server/services/retention";
import { runTaskNow } from "@/server/services/schedules";
import { ADMIN, accessEvents, openMonitored, type Watched } from "@/server/testing/monitored";
import { drainQueues } from "@/server/worker/drain";

let watched: Watched;
let ctx: Context;

beforeAll(async () => {
  watched = await openMonitored();
  ctx = watched.ctx;
});
afterAll(() => watched?.close());
beforeEach(() => watched.reset());

describe("An alert fires and resolves", () => {
  test("when the worker has stopped and 10,001 events are queued", async () => {
    await ctx.queue.push(
      "access_logs",
      accessEvents(10_001).map((event) => JSON.stringify(event)),
    );
    await watched.evaluate(0);
    expect(await watched.open("queue_length")).toEqual([]);
    await watched.evaluate(21);
    await watched.expectFiring("queue_length", "access_logs");
    await watched.expectFiring("no_worker", "");
    expect(await watched.open("queue_length")).toMatchObject([
      { cause: { code: "alert.no_worker" }, message: expect.stringContaining("No worker is running.") },
    ]);
    await setQueuePaused(ctx, "access_logs", true, ADMIN);
    await watched.evaluate(0);
    expect(await watched.open("queue_length")).toMatchObject([
      {
        cause: { code: "alert.paused", params: { by: "Admin" } },
        message: expect.stringContaining("Paused by Admin since"),
      },
    ]);
    await setQueuePaused(ctx, "access_logs", false, ADMIN);

    const heartbeat = startWorkerHeartbeat(ctx, { id: crypto.randomUUID() });
    const stop = new AbortController();
    const draining = drainQueues(ctx, { signal: stop.signal });
    await expect.poll(async () => (await ctx.db.sql`select from log_queue limit 1`).count).toBe(0);
    await expect.poll(async () => (await ctx.queue.depth("access_logs")).length).toBe(0);
    await expect.poll(async () => (await ctx.db.sql`select from workers`).count).toBe(1);
    await watched.evaluate(1);
    await watched.evaluate(30);
    expect(await watched.open("queue_length")).toMatchObject([{ recovering: true, state: "firing" }]);
    await watched.evaluate(31);
    await watched.expectResolved("queue_length");
    await watched.expectResolved("no_worker");
    stop.abort();
    await Promise.all([draining, heartbeat.stop()]);
  });

  test("when a collector was killed, until it is started again; one that is stopped causes none", async () => {
    const subject = `${hostname()}:6514`;
    await ctx.db.sql`
      insert into collectors (host, port, id, started_at, last_seen_at)
      values (${hostname()}, 6514, gen_random_uuid(), now() - interval '1 hour', now() - interval '16 seconds')`;
    await watched.evaluate(0);
    await watched.evaluate(16);
    await watched.expectFiring("collector_down", subject);
    expect(await watched.open("collector_down")).toMatchObject([{ cause: { code: "alert.last_heartbeat" } }]);
    const heartbeat = startCollectorHeartbeat(ctx, 6514);
    await expect.poll(async () => (await queueStatus(ctx)).collectors).toMatchObject([{ is_alive: true }]);
    await watched.evaluate(0);
    await watched.evaluate(11);
    await watched.expectResolved("collector_down", subject);
    await heartbeat.stop();
    expect((await queueStatus(ctx)).collectors).toEqual([]);
  });

  test("when 6 of 100 events fail validation", async () => {
    await insertAccessLogs(ctx, accessEvents(100, 6));
    await watched.evaluate(0);
    await watched.evaluate(21);
    await watched.expectFiring("failure_rate", "access_logs");
    expect(await watched.open("failure_rate")).toMatchObject([
      { recovering: false, cause: { code: "alert.rejects", params: { reason: { code: expect.any(String) } } } },
    ]);
    await insertAccessLogs(ctx, accessEvents(100));
    await watched.evaluate(0);
    await watched.evaluate(61);
    await watched.expectResolved("failure_rate");
  });

  test("when the disk is more than 90 % full", async () => {
    const empty = await watched.fillDisk();
    await watched.evaluate(0);
    await watched.evaluate(31);
    await watched.expectFiring("disk_usage", "data");
    await empty();
    await watched.evaluate(0);
    await watched.evaluate(61);
    await watched.expectResolved("disk_usage", "data");
  });

  test("when an event is queued for more than 5 minutes", async () => {
    await ctx.queue.push(
      "access_logs",
      accessEvents(1).map((event) => JSON.stringify(event)),
    );
    await ctx.db.sql`update log_queue set enqueued_at = now() - interval '301 seconds'`;
    await expect.poll(async () => (await ctx.queue.depth("access_logs")).oldestAgeSeconds).toBeGreaterThan(300);
    await watched.evaluate(0);
    await watched.expectFiring("oldest_event", "access_logs");
    await ctx.db.sql`truncate log_queue`;
    await expect.poll(async () => (await ctx.queue.depth("access_logs")).oldestAgeSeconds).toBeNull();
    await watched.evaluate(0);
    await watched.evaluate(31);
    await watched.expectResolved("oldest_event");
  });

  test("when events are queued and none is stored for half a minute", async () => {
    await ctx.queue.push(
      "access_logs",
      accessEvents(1).map((event) => JSON.stringify(event)),
    );
    await ctx.db.sql`
      insert into workers (id, host, pid, idle_seconds) values (gen_random_uuid(), 'test', 1, '{"access_logs": 31}')`;
    await ctx.db.sql`update queue_states set changed_at = now() - interval '1 hour'`;
    await ctx.db.sql`update log_queue set enqueued_at = now() - interval '31 seconds'`;
    await watched.evaluate(0);
    await watched.evaluate(6);
    await watched.expectFiring("queue_stalled", "access_logs");
    await ctx.db.sql`update workers set idle_seconds = '{"access_logs": 0}'`;
    await watched.evaluate(0);
    await watched.evaluate(11);
    await watched.expectResolved("queue_stalled");
    await ctx.db.sql`delete from workers`;
  });

  test("when a scheduled task fails, until it succeeds", async () => {
    const run = async (work: () => Promise<Record<string, unknown>>) => {
      const stop = new AbortController();
      const { job_id } = await runTaskNow(ctx, "health_check", ADMIN);
      const running = runJobs(ctx, { scheduled_task: work }, { signal: stop.signal });
      await waitForJob(ctx, job_id, { seconds: 10 });
      stop.abort();
      await running;
    };
    await run(async () => {
      throw new AppError("database.unreachable", {});
    });
    await watched.evaluate(0);
    await watched.expectFiring("task_failed", "health_check");
    expect(await watched.open("task_failed")).toMatchObject([{ cause: { code: "database.unreachable" } }]);
    await run(async () => ({}));
    await watched.evaluate(0);
    await watched.expectResolved("task_failed");
  });

  test("when a scheduled task is overdue", async () => {
    await ctx.db
      .sql`update scheduled_tasks set next_run_at = ${new Date(watched.now().getTime() - 301_000).toISOString()} where name = 'data_cleanup'`;
    await watched.evaluate(0);
    await watched.expectFiring("task_missed", "data_cleanup");
    await ctx.db
      .sql`update scheduled_tasks set next_run_at = ${new Date(watched.now().getTime() + 3_600_000).toISOString()}`;
    await watched.evaluate(0);
    await watched.expectResolved("task_missed");
  });

  test("when no cleanup has succeeded since the nightly one was due, also when it is disabled", async () => {
    const days = (count: number) => new Date(watched.now().getTime() - count * 86_400_000).toISOString();
    await ctx.db.sql`
      update scheduled_tasks set enabled = false, next_run_at = null, changed_at = ${days(3)} where name = 'data_cleanup'`;
    await watched.evaluate(0);
    await watched.evaluate(61);
    await watched.expectFiring("cleanup_overdue", "");
    expect(await watched.open("cleanup_overdue")).toMatchObject([
      { cause: { code: "alert.task_disabled", params: { tasks: ["data_cleanup"] } } },
    ]);
    await ctx.db.sql`update scheduled_tasks set enabled = true, changed_at = ${days(0)}`;
    await watched.evaluate(0);
    await watched.expectResolved("cleanup_overdue");
  });

  test("when rows remain long past their retention after a successful cleanup, and when an archive is corrupted", async () => {
    const params = {
      task_type: "access_logs",
      days_to_keep: 90,
      dry_run: false,
      archive: true,
      keep_restored: false,
    } as const;
    const noteCleanup = (given: object = {}) => ctx.db.sql`
      insert into jobs (id, kind, status, params, progress, requester, requested_by, started_at, finished_at)
      values (
        gen_random_uuid(), 'cleanup', 'completed', ${JSON.stringify({ ...params, ...given })}::text::jsonb,
        '{"done": 0, "total": 0, "phase": "done"}', 'system:schedule', 'schedule',
        ${watched.now().toISOString()}, ${watched.now().toISOString()}
      )`;
    // An old file imported after the nightly cleanup is left to the next one.
    await noteCleanup();
    await watched.evaluate(1);
    const old = new Date(watched.now().getTime() - 100 * 86_400_000).toISOString();
    await insertAccessLogs(
      ctx,
      accessEvents(1).map((event) => ({ ...event, created_at: old })),
    );
    await watched.evaluate(0);
    await watched.evaluate(600);
    expect(await watched.open("retention_stalled")).toEqual([]);
    await noteCleanup({ dry_run: true });
    await noteCleanup({ days_to_keep: 120 });
    await noteCleanup({ task_type: "user_activities" });
    await watched.evaluate(1);
    expect(await watched.open("retention_stalled")).toEqual([]);
    await noteCleanup();
    await watched.evaluate(1);
    await watched.expectFiring("retention_stalled", "access_logs");
    const signal = new AbortController().signal;
    await runCleanup(ctx, {
      id: crypto.randomUUID(),
      params,
      requestedBy: "test",
      attempt: 1,
      signal,
      fence: UNFENCED,
      progress: () => {},
    });
    await watched.evaluate(0);
    await watched.evaluate(61);
    await watched.expectResolved("retention_stalled");

    const [archive] = await ctx.db.sql<{ id: string; path: string }[]>`select id, path from archives`;
    const file = path.join(watched.dataDir, archive?.path ?? "");
    expect(await readdir(path.dirname(file))).not.toEqual([]);
    await writeFile(file, "not an archive");
    await verifyArchive(ctx, ADMIN, archive?.id ?? "");
    await watched.evaluate(0);
    await watched.expectFiring("archive_damaged", archive?.id ?? "");
    await ctx.db.sql`delete from archives`;
    await watched.evaluate(0);
    await watched.expectResolved("archive_damaged");
  });

  test("when the 95th percentile of requests of a kind is too slow", async () => {
    for (let call = 0; call < 25; call++) {
      recordDuration("rest", "GET /slow", 4);
      // A question that may read all rows.
      recordDuration("trpc", "explore.query", 4);
    }
    await writeCounts(ctx);
    await watched.evaluate(0);
    await watched.evaluate(61);
    await watched.expectFiring("query_time", "rest GET /slow");
    await ctx.db.sql`truncate metrics`;
    await watched.evaluate(0);
    await watched.evaluate(181);
    await watched.expectResolved("query_time");
  });
});
