import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logTableList } from "@/server/catalog";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { catalogOf } from "@/server/testing/schema-catalog";
import { unpackOldVersion } from "@/server/testing/version-0.1.0/programs";
import { startWorkerProcess } from "@/server/testing/worker-process";
import { migrateDatabase } from "../migrate";
import { ensurePartitions } from "../partitions";
import { finishSteps } from "./finish-steps";

/** `UPGRADE_ROWS=2000000` measures: the longest waits are printed (docs/upgrading.md). */
const ROWS = Number(process.env.UPGRADE_ROWS ?? 100_000);
const MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08"];
const BATCHES = 10;

let database: TestDatabase;
let old: Awaited<ReturnType<typeof unpackOldVersion>>;

beforeAll(async () => {
  database = await createTestDatabase({ bare: true });
  old = await unpackOldVersion(database.url);
  await old.migrate();
  await fill();
}, 600_000);
afterAll(async () => {
  await old.remove();
  await database.drop();
});

/** Fills the log tables, and dead letters as version 0.1.0 stores them. */
async function fill(): Promise<void> {
  const { sql } = database.db;
  for (const { tableName } of logTableList) await ensurePartitions(sql, tableName, MONTHS);
  await sql`
    insert into access_logs (id, created_at, user_id, ip_address, request_path, response_time)
    select gen_random_uuid(), '2026-05-01'::timestamptz + n * interval '123 days' / ${ROWS}::int, 'user-' || n % 1000,
      '203.0.113.1', '/filled/' || n % 10000, n % 900
    from generate_series(0, ${ROWS - 1}::int) as n`;
  await sql`
    insert into user_activity_logs (id, created_at, user_id, action)
    select gen_random_uuid(), '2026-05-01'::timestamptz + n * interval '123 days' / ${ROWS}::int, 'user-' || n % 1000, 'filled'
    from generate_series(0, ${ROWS - 1}::int, 10) as n`;
  await sql`
    insert into dead_letters (id, queue, payload, format, csv_header, error)
    select gen_random_uuid(), 'access_logs', 'a,b', 'csv', 'one,two,' || n % 3, 'created_at: missing'
    from generate_series(1, ${Math.round(ROWS / 50)}::int) as n`;
}

/** Samples how long statements of version 0.1.0 wait for a lock, until stopped. */
function watchLocks() {
  let longest = 0;
  let isStopped = false;
  const sampling = (async () => {
    while (!isStopped) {
      const [wait] = await database.db.health<{ ms: number | null }[]>`
        select extract(epoch from max(clock_timestamp() - query_start))::float8 * 1000 as ms
        from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and wait_event <> 'advisory'
          and application_name in ('batch-console cli', 'batch-console worker')`;
      longest = Math.max(longest, wait?.ms ?? 0);
      await sleep(10);
    }
  })();
  return async () => {
    isStopped = true;
    await sampling;
    return Math.round(longest);
  };
}

function isAlive(pid = 0): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

test("version 0.1.0 stores and queues during the upgrade and after it: nothing waits, is lost or stored twice; a version too old stops", {
  timeout: 600_000,
}, async () => {
  const { sql } = database.db;
  const stopWorker = old.startWorker();
  const intake = old.startIntake();
  const stored = (from: number) => {
    const kinds = intake.batches.slice(from).map(({ kind }) => kind);
    return new Set(kinds).size === 4 && kinds.length >= 4 * BATCHES;
  };
  await until(() => stored(0));
  const slowestBefore = Math.max(...intake.batches.map(({ ms }) => ms));

  const lockWait = watchLocks();
  const first = intake.batches.length;
  const startedAt = performance.now();
  await migrateDatabase(database.url);
  const migrated = performance.now() - startedAt;
  await finishSteps(database.url, sql, { log: pino({ level: "silent" }), signal: new AbortController().signal });
  const finished = performance.now() - startedAt;
  const during = intake.batches.slice(first);
  const last = intake.batches.length;
  await until(() => stored(last));
  const [end] = await sql`select clock_timestamp() as time`;
  await until(async () => (await sql`select from log_queue where enqueued_at < ${end?.time} limit 1`).length === 0);
  // Both versions store until the old one is stopped.
  const worker = await startWorkerProcess({ DATABASE_URL: database.url });
  await worker.ready;
  const longest = await lockWait();
  const sums = await intake.stop();
  await until(async () => (await sql`select from log_queue limit 1`).length === 0);
  await stopWorker();

  await sql`update schema_info set min_schema = schema + 1`;
  await until(() => !isAlive(worker.pid));
  // By itself, with the code of a process that cannot start.
  expect(await worker.end("SIGKILL")).toBe(1);

  if (process.env.UPGRADE_ROWS) {
    const slowest = Math.max(0, ...during.map(({ ms }) => ms));
    process.stdout.write(
      `${JSON.stringify({ ROWS, migrated, finished, batches: during.length, slowestBefore, slowest, longestLockWait: longest })}\n`,
    );
  }

  // A busy machine delays batches before the upgrade as well.
  expect(longest).toBeLessThan(Math.max(1_000, 5 * slowestBefore));
  expect(intake.batches.filter(({ error }) => error !== undefined)).toEqual([]);
  const [counted] = await sql`
    select
      sum(received)::int as received, sum(inserted)::int as inserted, sum(duplicates)::int as duplicates,
      sum(dead)::int as dead
    from intake_counters`;
  const badQueued = sums.queued / 100;
  expect(counted).toEqual({
    received: sums.direct + sums.queued,
    inserted: sums.inserted + sums.queued - badQueued,
    duplicates: 0,
    dead: sums.rejected + badQueued,
  });
  const [rows] = await sql`
    select
      (select count(*) from access_logs where request_path not like '/filled%')::int
        + (select count(*) from user_activity_logs where action <> 'filled')::int as stored,
      (select count(distinct (created_at, request_path)) from access_logs where request_path not like '/filled%')::int
        + (select count(distinct (created_at, action, resource_id)) from user_activity_logs where action <> 'filled')::int
        as different,
      (select count(*) from dead_letters where payload <> 'a,b')::int as letters`;
  expect(rows).toEqual({ stored: counted?.inserted, different: counted?.inserted, letters: counted?.dead });
});

test("dead letters of version 0.1.0 have codes and share their CSV headers", async () => {
  const { sql } = database.db;
  const codes = await sql`select distinct error::jsonb ->> 'code' as code from dead_letters order by 1`;
  expect(codes.map(({ code }) => code)).toEqual(["event.missing", "event.not_time", "event.not_whole_number"]);
  const [letters] = await sql`
    select count(*) filter (where format = 'csv' and csv_header_id is null)::int as without from dead_letters`;
  expect(letters).toEqual({ without: 0 });
});

test("an upgraded database has the schema of a new one", async () => {
  const fresh = await createTestDatabase();
  try {
    expect(await catalogOf(database.db.sql)).toEqual(await catalogOf(fresh.db.sql));
  } finally {
    await fresh.drop();
  }
});
