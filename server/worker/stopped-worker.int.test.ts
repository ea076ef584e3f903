import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context, Principal } from "@/server/process/context";
import { aborted } from "@/server/process/stop-signal";
import { createLogQueue } from "@/server/queue";
import { startJob, UNFENCED, waitForJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { runCleanup } from "@/server/services/retention";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";

const admin: Principal = { kind: "user", id: "1", name: "admin@localhost", role: "admin" };
const ROWS = 3_000;
const log = pino({ level: "silent" });

let server: TestPostgres;
let ctx: Context;
let dataDir: string;
let blocker: postgres.Sql;
const workers: WorkerProcess[] = [];

beforeEach(async () => {
  server = await startPostgres();
  await migrateDatabase(server.url());
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-stopped-"));
  const config = loadConfig({ DATABASE_URL: server.url(), DATA_DIR: dataDir });
  const db = connectDatabase(server.url(), { applicationName: "test", max: 3 });
  const files = await openFileStores(config, db.sql);
  const queue = createLogQueue({ redisUrl: undefined, db, log });
  const cache = createCache({ redisUrl: undefined, log });
  const columnar = openColumnarEngine(config, log);
  ctx = { config, db, queue, files, cache, columnar, log, secret: "", now: () => new Date() };
  blocker = postgres(server.url(), { max: 1, onnotice: () => {} });
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.end("SIGKILL")));
  await blocker.end({ timeout: 1 });
  await ctx.queue.close();
  await ctx.cache.close();
  await ctx.columnar.close();
  await ctx.db.close();
  await server.remove();
  await rm(dataDir, { recursive: true, force: true });
});

async function startWorker(): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({ DATABASE_URL: server.url(), DATA_DIR: dataDir });
  workers.push(worker);
  await worker.ready;
  return worker;
}

/** Inserts rows into both tables; those of user_activity_logs remain only in an archive. @returns the archive's ID */
async function fill(): Promise<string> {
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path)
    select gen_random_uuid(), now() - i * interval '1 ms', '10.0.0.1', '/path/' || i
    from generate_series(1, ${ROWS}::int) as i`;
  await ctx.db.sql`
    insert into user_activity_logs (id, created_at, user_id, action)
    select gen_random_uuid(), now() - i * interval '1 ms', 'u' || i, 'view'
    from generate_series(1, ${ROWS}::int) as i`;
  await runCleanup(ctx, {
    id: crypto.randomUUID(),
    params: { task_type: "user_activities", days_to_keep: 0, dry_run: false, archive: true, keep_restored: false },
    requestedBy: "test",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const [archive] = await ctx.db.sql<{ id: string }[]>`select id from archives`;
  return archive?.id ?? "";
}

/** Locks the tables that the jobs read or change. @returns a function that releases the locks */
async function lockTables(): Promise<() => void> {
  const hold = new AbortController();
  await new Promise<void>((resolve) => {
    const holding = blocker.begin(async (tx) => {
      await tx`lock table access_logs in share mode`;
      await tx`lock table user_activity_logs in access exclusive mode`;
      resolve();
      await aborted(hold.signal);
    });
    holding.catch(() => {});
  });
  return () => hold.abort();
}

async function startJobs(archiveId: string): Promise<Job[]> {
  const cleanup = { task_type: "access_logs", days_to_keep: 0 } as const;
  const jobs = [
    startJob(ctx, "cleanup", cleanup, { principal: admin }),
    startJob(ctx, "restore", { archive_id: archiveId }, { principal: admin }),
    startJob(ctx, "export", { export_type: "user_activities", format: "csv" }, { principal: admin }),
    startJob(ctx, "export", { export_type: "user_activities", format: "excel" }, { principal: admin }),
  ];
  return await Promise.all(jobs);
}

/** Waits until each of the worker's jobs waits for a lock in its own session. */
async function untilAllWait(count: number): Promise<void> {
  for (let waiting = 0; waiting < count; await sleep(20)) {
    const [row] = await ctx.db.sql<{ count: number }[]>`
      select count(*)::int as count
      from pg_stat_activity
      where wait_event_type = 'Lock' and application_name ~ 'maintenance|export'`;
    waiting = row?.count ?? 0;
  }
}

const state = async () => {
  const [rows] = await ctx.db.sql`
    select
      (select count(*)::int from access_logs) as access_logs,
      (select count(*)::int from user_activity_logs) as user_activities`;
  const jobs = await ctx.db.sql`select id, status, attempt, result, error, finished_at
    from jobs
    where kind <> 'scheduled_task'
    order by id`;
  const exports = await ctx.db.sql`select id, file_name, sha256 from exports order by id`;
  const archives = await ctx.db.sql`select table_name, state, row_count from archives order by table_name`;
  return {
    rows,
    jobs: [...jobs],
    exports: [...exports],
    archives: [...archives],
    files: (await readdir(path.join(dataDir, "exports"))).sort(),
  };
};

test("the jobs of a stopped worker are completed by another, and the first changes nothing when it continues", {
  timeout: 240_000,
}, async () => {
  const archiveId = await fill();
  const first = await startWorker();
  const release = await lockTables();
  const jobs = await startJobs(archiveId);
  await untilAllWait(jobs.length);
  first.stop();
  release();
  await startWorker();
  const ended = await Promise.all(jobs.map(({ job_id }) => waitForJob(ctx, job_id, { seconds: 100 })));
  expect(ended).toEqual(jobs.map(() => expect.objectContaining({ status: "completed", error: null })));

  const before = await state();
  expect(before.rows).toEqual({ access_logs: 0, user_activities: ROWS });
  expect(before.archives).toMatchObject([
    { table_name: "access_logs", state: "removed", row_count: String(ROWS) },
    { table_name: "user_activities", state: "pending" },
  ]);
  expect(before.jobs.map(({ attempt }) => attempt)).toEqual(jobs.map(() => 2));
  expect(before.files).toEqual(before.exports.map(({ file_name }) => file_name).sort());
  for (const { file_name, sha256 } of before.exports) {
    const bytes = await readFile(path.join(dataDir, "exports", file_name));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  }
  first.resume();
  expect(await first.end("SIGTERM"), first.output()).toBe(0);
  expect(await state()).toEqual(before);
});
