import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { isDatabaseUnreachable } from "@/server/lib/errors";
import { loadConfig } from "@/server/process/config";
import type { Context, Principal } from "@/server/process/context";
import { aborted } from "@/server/process/stop-signal";
import { createLogQueue } from "@/server/queue";
import { getJob, startJob } from "@/server/services/jobs";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";

const admin: Principal = { kind: "user", id: "1", name: "admin@localhost", role: "admin" };
const TIMEOUT = 240_000;
const log = pino({ level: "silent" });

let server: TestPostgres;
let context: Context;
let blocker: postgres.Sql;
const workers: WorkerProcess[] = [];

beforeEach(async () => {
  server = await startPostgres();
  await migrateDatabase(server.url());
  const config = loadConfig({ DATABASE_URL: server.url() });
  const db = connectDatabase(server.url(), { applicationName: "test", max: 3 });
  const files = await openFileStores(config, db.sql);
  const queue = createLogQueue({ redisUrl: undefined, db, log });
  const cache = createCache({ redisUrl: undefined, log });
  const columnar = openColumnarEngine(config, log);
  context = { config, db, queue, files, cache, columnar, log, secret: "", now: () => new Date() };
  blocker = postgres(server.url(), { max: 1, onnotice: () => {} });
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.end("SIGKILL")));
  await blocker.end({ timeout: 1 });
  await context.queue.close();
  await context.cache.close();
  await context.columnar.close();
  await context.db.close();
  await server.remove();
});

async function startWorker(): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({ DATABASE_URL: server.url() });
  workers.push(worker);
  await worker.ready;
  return worker;
}

/** Starts an export of a table that the test has locked, and returns when a worker is running it. */
async function startBlockedExport(): Promise<{ id: string; release: () => void }> {
  await startWorker();
  const hold = new AbortController();
  await new Promise<void>((resolve) => {
    const holding = blocker.begin(async (tx) => {
      await tx`lock table access_logs in access exclusive mode`;
      resolve();
      await aborted(hold.signal);
    });
    // Its connection ends with PostgreSQL.
    holding.catch(() => {});
  });
  const { job_id } = await startJob(
    context,
    "export",
    { export_type: "access_logs", format: "csv" },
    { principal: admin },
  );
  await untilRun(job_id, 1);
  return { id: job_id, release: () => hold.abort() };
}

const untilRun = (id: string, attempt: number) =>
  until(() => context.db.sql`select 1 from jobs where id = ${id} and status = 'running' and attempt >= ${attempt}`);
const untilEnded = (id: string) =>
  until(() => context.db.sql`select 1 from jobs where id = ${id} and finished_at is not null`);

/** Waits until the query returns a row; PostgreSQL may be unavailable in the meantime. */
async function until(query: () => PromiseLike<readonly unknown[]>): Promise<void> {
  for (let found = false; !found; await sleep(20)) {
    try {
      found = (await query()).length > 0;
    } catch (error) {
      if (!isDatabaseUnreachable(error)) throw error;
    }
  }
}

test("an export is retried after a restart of PostgreSQL, and its worker keeps running", {
  timeout: TIMEOUT,
}, async () => {
  const { id, release } = await startBlockedExport();
  await server.restart("immediate");
  release();
  await untilEnded(id);
  expect(await getJob(context, id)).toMatchObject({ status: "completed", error: null });
  expect(await workers[0]?.end("SIGTERM")).toBe(0);
});
