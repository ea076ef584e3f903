import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { ensurePartitions } from "@/server/db/partitions";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context, Principal } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { checkHealth } from "@/server/services/health";
import { getJob, startJob, waitForJob } from "@/server/services/jobs";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { programEnvironment } from "@/server/testing/program-environment";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";
import { wrongClock } from "@/server/testing/wrong-clock";

const admin: Principal = { kind: "user", id: "1", name: "admin@localhost", role: "admin" };
const TIMEOUT = 240_000;
const log = pino({ level: "silent" });

let server: TestPostgres;
let ctx: Context;
let dataDir: string;
const workers: WorkerProcess[] = [];

beforeEach(async () => {
  server = await startPostgres();
  await migrateDatabase(server.url());
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-clock-"));
  const config = loadConfig({ DATABASE_URL: server.url(), DATA_DIR: dataDir });
  const db = connectDatabase(server.url(), { applicationName: "test", max: 3 });
  const files = await openFileStores(config, db.sql);
  const queue = createLogQueue({ redisUrl: undefined, db, log });
  const cache = createCache({ redisUrl: undefined, log });
  const columnar = openColumnarEngine(config, log);
  ctx = { config, db, queue, files, cache, columnar, log, secret: "", now: () => new Date() };
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.end("SIGKILL")));
  await ctx.queue.close();
  await ctx.cache.close();
  await ctx.columnar.close();
  await ctx.db.close();
  await server.remove();
  await rm(dataDir, { recursive: true, force: true });
});

async function startWorker(clock?: string): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({ DATABASE_URL: server.url(), DATA_DIR: dataDir }, { clock });
  workers.push(worker);
  await worker.ready;
  return worker;
}

/** Waits until the query returns a row. */
async function until(query: () => PromiseLike<readonly unknown[]>): Promise<void> {
  while ((await query()).length === 0) await sleep(50);
}

/** Runs the CLI's cleanup command with a wrong clock. */
async function cleanUpByCommand(clock: string): Promise<{ code: unknown; stderr: string }> {
  const args = ["server/process/run.mjs", "cli", "cleanup", "--type", "access_logs", "--days", "90", "--yes"];
  const env: NodeJS.ProcessEnv = {
    ...wrongClock(clock),
    ...programEnvironment(),
    DATABASE_URL: server.url(),
    DATA_DIR: dataDir,
  };
  return await new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }));
  });
}

const nextRuns = () => ctx.db.sql`select name, next_run_at from scheduled_tasks order by name`;
const rowCount = async () => (await ctx.db.sql<{ count: number }[]>`select count(*)::int from access_logs`)[0]?.count;

test("a worker whose clock is 200 days ahead deletes nothing, raises an alert, and leaves cleanups to other workers", {
  timeout: TIMEOUT,
}, async () => {
  const months = await ctx.db.sql<{ month: string }[]>`
    select to_char(now() - i * interval '1 month', 'YYYY-MM') as month from generate_series(0, 3) as i`;
  await ensurePartitions(
    ctx.db.ddl.access_logs,
    "access_logs",
    months.map(({ month }) => month),
  );
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path)
    select gen_random_uuid(), now() - i * interval '1 day', '10.0.0.1', '/' from generate_series(1, 80) as i`;
  const wrong = await startWorker("+200d");
  const { job_id } = await startJob(
    ctx,
    "cleanup",
    { task_type: "access_logs", days_to_keep: 90, archive: false },
    { principal: admin },
  );
  await until(() => ctx.db.sql`select 1 from alerts where rule = 'clock_skew' and state = 'firing'`);
  expect((await checkHealth(ctx)).parts.clock).toMatchObject({ state: "degraded" });
  expect(await getJob(ctx, job_id)).toMatchObject({ status: "queued" });
  expect(await ctx.db.sql`select 1 from jobs where kind = 'cleanup' and id <> ${job_id}`).toHaveLength(0);

  const refused = await cleanUpByCommand("+200d");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/clock .* differs .* by 17\d{6} seconds/) });

  await startWorker();
  expect(await waitForJob(ctx, job_id, { seconds: 100 })).toMatchObject({
    status: "completed",
    result: { deleted_count: 0 },
  });
  expect(await rowCount()).toBe(80);
  expect(await wrong.end("SIGTERM"), wrong.output()).toBe(0);
});

test("a worker whose clock is a day ahead starts tasks by PostgreSQL's clock and does not change other runs", {
  timeout: TIMEOUT,
}, async () => {
  const planner = await startWorker();
  await until(() => ctx.db.sql`select 1 from scheduled_tasks having count(next_run_at) = 4`);
  expect(await planner.end("SIGTERM"), planner.output()).toBe(0);
  const before = await nextRuns();
  // A task that the planner began, and did not end when it was stopped, would not start again.
  await ctx.db.sql`delete from scheduled_task_runs`;
  await ctx.db.sql`delete from jobs where kind = 'scheduled_task'`;
  await ctx.db.sql`
    update scheduled_tasks set next_run_at = date_trunc('minute', now()) where name = 'health_check'`;
  await startWorker("+1d");
  // Proves that the worker has checked the schedules.
  await until(() => ctx.db.sql`select 1 from scheduled_task_runs where task = 'health_check'`);
  const [next] = await ctx.db.sql<{ is_soon: boolean }[]>`
    select next_run_at between now() and now() + interval '6 minutes' as is_soon
    from scheduled_tasks where name = 'health_check'`;
  expect(next?.is_soon).toBe(true);
  const others = (rows: readonly { name?: string }[]) => rows.filter(({ name }) => name !== "health_check");
  expect(others(await nextRuns())).toEqual(others(before));
});
