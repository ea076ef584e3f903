import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase, type Sql } from "@/server/db/client";
import type { Context, Principal } from "@/server/process/context";
import { runJobs, startJob, UNFENCED } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { runCleanup } from "@/server/services/retention";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { jobHandlers } from "./jobs";

const admin: Principal = { kind: "user", id: "1", name: "admin@localhost", role: "admin" };
const ROWS = 20_000;
/** Rounds per kind. Connections are ended once in the first round and twice in the second. */
const ROUNDS = 2;
/** Most runs take longer than this, so that they are interrupted. */
const MAX_DELAY_MS = 600;

let testContext: TestContext;
let ctx: Context;
/** The connections of this context are not terminated. */
let observer: Context;
let watcher: Sql;
let stop: () => Promise<void>;

beforeAll(async () => {
  testContext = await createTestContext({ env: { CLEANUP_BATCH_SIZE: "500", MAX_BATCH_SIZE: "500" } });
  ctx = testContext.context;
  const db = connectDatabase(ctx.db.url, { applicationName: "observer", max: 3 });
  observer = { ...ctx, db };
  watcher = db.sql;
  const control = new AbortController();
  const ended = runJobs(ctx, jobHandlers, { signal: control.signal });
  stop = async () => {
    control.abort();
    await ended;
  };
});
afterAll(async () => {
  await stop();
  await observer.db.close();
  await testContext.close();
});

async function fill(table: "access_logs" | "user_activity_logs"): Promise<void> {
  await watcher`truncate ${watcher(table)}`;
  if (table === "access_logs") {
    await watcher`
      insert into access_logs (id, created_at, ip_address, request_path)
      select gen_random_uuid(), now() - i * interval '1 ms', '10.0.0.1', '/path/' || i
      from generate_series(1, ${ROWS}::int) as i`;
  } else {
    await watcher`
      insert into user_activity_logs (id, created_at, user_id, action)
      select gen_random_uuid(), now() - i * interval '1 ms', 'u' || i, 'view'
      from generate_series(1, ${ROWS}::int) as i`;
  }
}

async function makeArchive(): Promise<string> {
  await fill("user_activity_logs");
  await runCleanup(observer, {
    id: crypto.randomUUID(),
    params: { task_type: "user_activities", days_to_keep: 0, dry_run: false, archive: true, keep_restored: false },
    requestedBy: "test",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const [archive] = await watcher<{ id: string }[]>`select id from archives order by created_at desc limit 1`;
  return archive?.id ?? "";
}

/** Ends every connection of the worker at a random time during the job's first runs. */
async function endConnections(job: Job, times: number): Promise<void> {
  for (let ended = 0; ended < times; ended++) {
    const running = () =>
      watcher`select 1 from jobs where id = ${job.job_id} and status = 'running' and attempt > ${ended}`;
    const over = () => watcher`select 1 from jobs where id = ${job.job_id} and finished_at is not null`;
    while ((await running()).length === 0) {
      if ((await over()).length > 0) return;
      await sleep(5);
    }
    await sleep(Math.random() * MAX_DELAY_MS);
    await watcher`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend'
        and application_name not like 'observer%'`;
  }
}

async function endOf({ job_id }: Job) {
  for (;;) {
    const [row] =
      await watcher`select status, error, attempt from jobs where id = ${job_id} and finished_at is not null`;
    if (row) return row;
    await sleep(20);
  }
}

const kinds: Record<string, () => Promise<Job>> = {
  "a csv export": () =>
    startJob(observer, "export", { export_type: "access_logs", format: "csv" }, { principal: admin }),
  "an excel export": () =>
    startJob(observer, "export", { export_type: "access_logs", format: "excel" }, { principal: admin }),
  "statistics as csv": () =>
    startJob(observer, "export", { export_type: "statistics", format: "csv" }, { principal: admin }),
  "statistics as excel": () =>
    startJob(observer, "export", { export_type: "statistics", format: "excel" }, { principal: admin }),
  "a cleanup with an archive": async () => {
    await fill("access_logs");
    return startJob(observer, "cleanup", { task_type: "access_logs", days_to_keep: 0 }, { principal: admin });
  },
  "a cleanup without an archive": async () => {
    await fill("access_logs");
    const params = { task_type: "access_logs", days_to_keep: 0, archive: false } as const;
    return startJob(observer, "cleanup", params, { principal: admin });
  },
  "a cleanup of exports": () =>
    startJob(observer, "cleanup", { task_type: "exports", days_to_keep: 0 }, { principal: admin }),
  "a restore": async () => {
    const archive_id = await makeArchive();
    return startJob(observer, "restore", { archive_id }, { principal: admin });
  },
  "the nightly cleanup": () => startJob(observer, "scheduled_task", { task: "data_cleanup" }, { principal: admin }),
};

test.each(Object.entries(kinds))("%s completes despite lost connections", { timeout: 300_000 }, async (_, start) => {
  await fill("access_logs");
  for (let round = 0; round < ROUNDS; round++) {
    const job = await start();
    await endConnections(job, round + 1);
    expect(await endOf(job)).toMatchObject({ status: "completed", error: null });
  }
});
