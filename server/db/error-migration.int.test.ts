import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseErrorValue } from "@/server/catalog/errors";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { migrateDatabase, migrateTo } from "./migrate";
import { finishSteps } from "./migrations/finish-steps";
import { readMigrations } from "./migrations/read-migrations";

const MIGRATION = "store_errors_as_codes";
const FILE_STORES = "file_stores";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ bare: true });
  await migrateBefore(MIGRATION);
  const { sql } = database.db;
  await sql`insert into alert_rules (rule, enabled) values ('redis_away', false), ('no_worker', false)`;
  await sql`
    insert into alerts (rule, severity, state, value, threshold, since)
    values ('database_away', 'critical', 'firing', 1, 0, now())`;
});

afterAll(async () => {
  await database.drop();
});

/** Migrates the database to the schema before the migration `name`. */
async function migrateBefore(name: string): Promise<void> {
  const next = (await readMigrations()).find((migration) => migration.name.endsWith(name));
  await migrateTo((next?.schema ?? 0) - 1, database.url);
}

const LETTERS: [sentence: string, code: string, params: object][] = [
  ["created_at: missing", "event.missing", { field: "created_at" }],
  ["status_code: outside 100 to 599", "event.outside_range", { field: "status_code", min: 100, max: 599 }],
  ["event: refused by the database (22P02)", "event.refused", { field: "event", code: "22P02" }],
  ["row: a quote is opened and never closed", "event.unclosed_quote", { field: "row" }],
  ["It's nothing that anybody wrote", "other", { text: "It's nothing that anybody wrote" }],
];

const JOBS: [sentence: string, code: string, params: object][] = [
  ["Cancelled by anna@example.com.", "job.cancelled", { by: "anna@example.com" }],
  ["Its worker died 3 times.", "job.worker_died", { times: 3 }],
  [
    "The export has more rows than the limit of 100000. Narrow the time range or the filters.",
    "export.too_many_rows",
    { limit: 100_000 },
  ],
  [
    "The archive cannot be restored. The file holds 7 rows instead of 9.",
    "archive.corrupted",
    { reason: { code: "archive.row_count_differs", params: { rows: 7, expected: 9 } } },
  ],
  [
    "The cleanup of access_logs (job 0b5): Something else.",
    "retention.cleanup_incomplete",
    { table: "access_logs", job: "0b5", reason: { code: "other", params: { text: "Something else." } } },
  ],
  [
    "keep_until: is in the past.",
    "request.invalid_field",
    { path: "keep_until", reason: { code: "input.past", params: {} } },
  ],
];

const IMPORTS: [sentence: string, code: string, params: object][] = [
  [
    "The first 1,000 records were all refused for one reason (created_at: missing), so nothing more was read. Check the format and the table.",
    "intake.first_refused",
    { count: 1_000, reason: { code: "event.missing", params: { field: "created_at" } } },
  ],
  ["The gzip archive is cut off.", "intake.gzip_cut_off", {}],
];

/** Errors of disks that became errors of file stores. */
const DISK_ERRORS: [stored: object, converted: object][] = [
  [
    { code: "archive.unwritable", params: { code: "EROFS" } },
    { code: "files.denied", params: { reason: "EROFS" } },
  ],
  [
    { code: "export.unwritable", params: { code: "EACCES" } },
    { code: "files.denied", params: { reason: "EACCES" } },
  ],
  [
    { code: "archive.unreachable", params: { code: "EIO" } },
    { code: "files.unreachable", params: { reason: "EIO" } },
  ],
  [
    { code: "archive.no_space", params: {} },
    { code: "files.no_space", params: {} },
  ],
  [
    { code: "export.disk_full", params: {} },
    { code: "files.no_space", params: {} },
  ],
  [
    {
      code: "retention.cleanup_incomplete",
      params: { table: "t", job: "j", reason: { code: "archive.no_space", params: {} } },
    },
    {
      code: "retention.cleanup_incomplete",
      params: { table: "t", job: "j", reason: { code: "files.no_space", params: {} } },
    },
  ],
];

test("Errors stored as sentences become codes with params; unrecognized ones keep their text", async () => {
  const { sql } = database.db;
  for (const [error] of LETTERS)
    await sql`
      insert into dead_letters (id, queue, payload, format, error)
      select gen_random_uuid(), 'access_logs', '{}', 'json', ${error} from generate_series(1, 3)`;
  for (const [error] of JOBS)
    await sql`
      insert into jobs (id, kind, status, params, progress, requester, requested_by, finished_at, error)
      values (gen_random_uuid(), 'cleanup', 'failed', '{}', '{}', 'user:1', 'anna', now(), ${error})`;
  await sql`
    insert into jobs (id, kind, status, params, progress, requester, requested_by, finished_at, result)
    values (gen_random_uuid(), 'scheduled_task', 'failed', '{}', '{}', 'system:schedule', 'schedule', now(),
      '{"access_logs": {"error": "The file is not there."}, "user_activities": {"deleted_count": 3}}'),
      (gen_random_uuid(), 'scheduled_task', 'completed', '{}', '{}', 'system:schedule', 'schedule', now(),
      '{"status": "ready", "parts": {"queue": {"state": "ok", "advice": null}, "worker": {"state": "degraded", "advice": "No worker is alive."}}}')`;
  for (const [error] of IMPORTS)
    await sql`
      insert into imports (log_table, mode, format, requester, requested_by, outcome, finished_at, error)
      values ('access_logs', 'direct', 'csv', 'user:1', 'anna', 'failed', now(), ${error})`;
  await sql`
    insert into archives (id, table_name, month, path, cutoff, created_by, whole_partition, partition_oid, problem)
    values (gen_random_uuid(), 'access_logs', '2026-01', 'x', now(), 'anna', false, 1, 'The file is not there.')`;
  await sql`
    insert into alert_deliveries (event, notice, error)
    values ('test', '{}', 'no answer in 10 s'), ('test', '{}', 'HTTP 302: redirects are not followed'), ('test', '{}', null)`;

  await migrateBefore(FILE_STORES);
  for (const [error] of DISK_ERRORS)
    await sql`
      insert into jobs (id, kind, status, params, progress, requester, requested_by, finished_at, error)
      values (gen_random_uuid(), 'restore', 'failed', '{}', '{}', 'user:1', 'anna', now(),
        ${JSON.stringify(error)}::text::jsonb)`;
  await migrateDatabase(database.url);
  await finishSteps(database.url, sql, { log: pino({ level: "silent" }), signal: new AbortController().signal });

  const errorsOf = async (rows: Promise<{ error: unknown }[]>) => (await rows).map(({ error }) => error);
  const values = (list: typeof LETTERS) => list.map(([, code, params]) => ({ code, params }));
  const letters = sql<{ error: unknown }[]>`select error::jsonb from dead_letters group by error having count(*) = 3`;
  expect(await errorsOf(letters)).toEqual(expect.arrayContaining(values(LETTERS)));
  const jobs = sql<{ error: unknown }[]>`select error from jobs where kind = 'cleanup'`;
  expect(await errorsOf(jobs)).toEqual(expect.arrayContaining(values(JOBS)));
  const disks = await errorsOf(sql<{ error: unknown }[]>`select error from jobs where kind = 'restore'`);
  expect(disks).toHaveLength(DISK_ERRORS.length);
  expect(disks).toEqual(expect.arrayContaining(DISK_ERRORS.map(([, converted]) => converted)));
  const tasks = await sql`select result from jobs where kind = 'scheduled_task' order by status desc`;
  expect(tasks.map(({ result }) => result)).toEqual([
    { access_logs: { error: { code: "archive.file_missing", params: {} } }, user_activities: { deleted_count: 3 } },
    {
      status: "ready",
      parts: {
        queue: { state: "ok", advice: null },
        worker: { state: "degraded", advice: { code: "other", params: { text: "No worker is alive." } } },
      },
    },
  ]);
  const imports = await errorsOf(sql<{ error: unknown }[]>`select error from imports`);
  expect(imports).toEqual(expect.arrayContaining(values(IMPORTS)));
  expect(await errorsOf(sql<{ error: unknown }[]>`select problem as error from archives`)).toEqual([
    { code: "archive.file_missing", params: {} },
  ]);
  const deliveries = sql<{ error: unknown }[]>`select error from alert_deliveries order by error ->> 'code' nulls last`;
  expect(await errorsOf(deliveries)).toEqual([
    { code: "webhook.no_answer", params: { seconds: 10 } },
    { code: "webhook.redirect", params: { status: 302 } },
    null,
  ]);
  const stored = [...(await errorsOf(letters)), ...(await errorsOf(jobs)), ...imports, ...disks];
  for (const error of stored) expect(parseErrorValue(error)).toEqual(error);
});

test("Renamed alert rules retain their settings and alerts", async () => {
  const { sql } = database.db;
  expect(await sql`select rule, enabled from alert_rules order by rule`).toEqual([
    { rule: "no_worker", enabled: false },
    { rule: "redis_unreachable", enabled: false },
  ]);
  expect(await sql`select rule, state from alerts`).toEqual([{ rule: "database_unreachable", state: "firing" }]);
});
