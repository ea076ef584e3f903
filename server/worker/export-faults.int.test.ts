import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context, Principal } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { startJob, waitForJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { startWorkerProcess, type WorkerProcess } from "@/server/testing/worker-process";

const admin: Principal = { kind: "user", id: "1", name: "admin@localhost", role: "admin" };
const TIMEOUT = 240_000;
const ROWS = 100_000;
const log = pino({ level: "silent" });

let server: TestPostgres;
let ctx: Context;
let dataDir: string;
let folder: string;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  server = await startPostgres();
  await migrateDatabase(server.url());
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-exports-"));
  folder = path.join(dataDir, "exports");
  const config = loadConfig({ DATABASE_URL: server.url(), DATA_DIR: dataDir });
  const db = connectDatabase(server.url(), { applicationName: "test", max: 3 });
  const files = await openFileStores(config, db.sql);
  const queue = createLogQueue({ redisUrl: undefined, db, log });
  const cache = createCache({ redisUrl: undefined, log });
  const columnar = openColumnarEngine(config, log);
  ctx = { config, db, queue, files, cache, columnar, log, secret: "", now: () => new Date() };
  await db.sql`
    insert into access_logs (id, created_at, ip_address, request_path)
    select gen_random_uuid(), now() - i * interval '1 ms', '10.0.0.1', '/path/' || i
    from generate_series(1, ${ROWS}::int) as i`;
}, TIMEOUT);

afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.end("SIGKILL"))));
afterAll(async () => {
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

const start = (format: "csv" | "excel") =>
  startJob(ctx, "export", { export_type: "access_logs", format }, { principal: admin });

const partsOf = async ({ job_id }: Job) => {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(".part") && name.includes(job_id.slice(-12)));
};

/** Waits until the job's file is partially written. */
async function untilFileGrows(job: Job): Promise<void> {
  for (;;) {
    for (const part of await partsOf(job)) {
      const { size } = await stat(path.join(folder, part)).catch(() => ({ size: 0 }));
      if (size > 0) return;
    }
    await sleep(2);
  }
}

/** Expects that each job completed after more than one attempt, with one complete file that matches its record. */
async function expectOneFileEach(jobs: readonly Job[]): Promise<void> {
  const ended = await Promise.all(jobs.map(({ job_id }) => waitForJob(ctx, job_id, { seconds: 100 })));
  expect(ended).toEqual(jobs.map(() => expect.objectContaining({ status: "completed", error: null })));
  const attempts = await ctx.db.sql<{ attempt: number }[]>`
    select attempt from jobs where id = any(${jobs.map(({ job_id }) => job_id)}::uuid[])`;
  expect(attempts.map(({ attempt }) => attempt)).toEqual(jobs.map(() => 2));
  const exports = ended.filter((job) => job.kind === "export");
  const names = exports.map(({ result }) => String(result?.file_name));
  expect((await readdir(folder)).sort()).toEqual(names.toSorted());
  for (const { result } of exports) {
    const bytes = await readFile(path.join(folder, String(result?.file_name)));
    expect(result).toMatchObject({
      row_count: ROWS,
      size_bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  }
  const records = await ctx.db.sql`select id from exports`;
  expect(records).toHaveLength(jobs.length);
  await ctx.db.sql`delete from exports`;
  await rm(folder, { recursive: true });
}

test("exports of a killed worker are retried automatically: one file each with a valid checksum and no other files", {
  timeout: TIMEOUT,
}, async () => {
  const worker = await startWorker();
  const excel = await start("excel");
  await untilFileGrows(excel);
  const csv = await start("csv");
  await untilFileGrows(csv);
  expect(await worker.end("SIGKILL")).toBe("SIGKILL");
  expect([...(await partsOf(excel)), ...(await partsOf(csv))]).toHaveLength(2);
  await startWorker();
  await expectOneFileEach([excel, csv]);
});

test("an export continues after a restart of the whole system: one file with a valid checksum and no other files", {
  timeout: TIMEOUT,
}, async () => {
  const worker = await startWorker();
  const job = await start("excel");
  await untilFileGrows(job);
  expect(await worker.end("SIGTERM"), worker.output()).toBe(0);
  await server.restart("fast");
  await startWorker();
  await expectOneFileEach([job]);
});
