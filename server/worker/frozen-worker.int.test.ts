import { afterEach, describe, expect, test, vi } from "vitest";
import { queueStatus } from "@/server/services/queues";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { startRedis, type TestRedis } from "@/server/testing/redis";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";

/** A frozen claim is redelivered after at most 20 seconds (server/db/silent-sessions.ts); busy machines take longer. */
const WAIT = { timeout: 120_000, interval: 100 };
const EVENTS = 200;

let redis: TestRedis | undefined;
let subject: TestContext;
let workers: WorkerProcess[] = [];

afterEach(async () => {
  for (const { pid } of workers) if (pid) process.kill(pid, "SIGCONT");
  await Promise.all(workers.map((worker) => worker.end("SIGKILL")));
  workers = [];
  await subject.close();
  await redis?.remove();
});

async function startWorker(): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({
    DATABASE_URL: subject.context.config.databaseUrl ?? "",
    DATABASE_DIRECT_URL: subject.context.config.databaseDirectUrl ?? "",
    ...(redis && { REDIS_URL: redis.url }),
  });
  workers.push(worker);
  await worker.ready;
  return worker;
}

const events = (name: string) =>
  Array.from({ length: EVENTS }, (_, index) =>
    JSON.stringify({ ip_address: "203.0.113.7", request_path: `/${name}/${index}` }),
  );
const stored = async () => {
  const [row] = await subject.context.db.sql<{ rows: number; paths: number }[]>`
    select count(*)::int as rows, count(distinct request_path)::int as paths from access_logs`;
  return row;
};
const figures = async () => (await queueStatus(subject.context)).queues.access_logs;

describe.each(["redis", "postgres"] as const)("with the queue in %s", (backend) => {
  test("a frozen worker blocks nothing: others store new events, then its batch, exactly once", {
    timeout: 400_000,
  }, async () => {
    redis = backend === "redis" ? await startRedis() : undefined;
    subject = await createTestContext({ redisUrl: redis?.url });
    const { db, queue } = subject.context;
    const frozen = await startWorker();
    await db.sql.begin(async (tx) => {
      await tx`lock table access_logs`;
      await queue.push("access_logs", events("held"));
      await vi.waitFor(async () => {
        const waiting = await db.sql`
          select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and application_name like '%worker'`;
        expect(waiting.length).toBeGreaterThan(0);
      }, WAIT);
      process.kill(frozen.pid ?? 0, "SIGSTOP");
    });

    await startWorker();
    await queue.push("access_logs", events("next"));
    await vi.waitFor(async () => expect(await stored()).toEqual({ rows: 2 * EVENTS, paths: 2 * EVENTS }), WAIT);
    process.kill(frozen.pid ?? 0, "SIGCONT");
    await queue.push("access_logs", events("last"));
    await vi.waitFor(
      async () =>
        expect(await figures()).toMatchObject({
          received_total: 3 * EVENTS,
          inserted_total: 3 * EVENTS,
          duplicates_total: 0,
          in_flight: 0,
          queue_length: 0,
          problem: null,
        }),
      WAIT,
    );
    expect(await stored()).toEqual({ rows: 3 * EVENTS, paths: 3 * EVENTS });
    expect(await frozen.end("SIGTERM"), frozen.output()).toBe(0);
    workers = workers.filter((worker) => worker !== frozen);
  });
});
