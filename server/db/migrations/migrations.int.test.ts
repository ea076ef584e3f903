import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import { pino } from "pino";
import postgres from "postgres";
import { afterEach, expect, test } from "vitest";
import product from "@/package.json" with { type: "json" };
import { describeError } from "@/server/process/run-main";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { catalogOf } from "@/server/testing/schema-catalog";
import { explainRefusal } from "../explain-refusal";
import { migrateDatabase } from "../migrate";
import { ensurePartitions } from "../partitions";
import { applyMigrations } from "./apply-migrations";
import { finishSteps } from "./finish-steps";
import { pendingSteps } from "./pending-steps";
import { MIGRATIONS_FOLDER, readMigrations } from "./read-migrations";

const log = pino({ level: "silent" });

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

/** Creates a database with the schema before the migration of this number, by Drizzle as older versions did. */
async function databaseBefore(schema: number): Promise<TestDatabase> {
  const opened = await createTestDatabase({ bare: true });
  database = opened;
  if (schema === 0) return opened;
  const folder = await mkdtemp(path.join(tmpdir(), "migrations-"));
  try {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const file = path.join(folder, "meta", "_journal.json");
    const journal = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, schema) }));
    await migrate(drizzle(opened.db.sql), { migrationsFolder: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
  return opened;
}

/** The line that a process shows when it cannot start with this database. */
async function refusalOf(url: string): Promise<string> {
  return await migrateDatabase(url).then(
    () => "",
    (error: unknown) => describeError(explainRefusal(error, url)),
  );
}

function makeGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

test("an index of log tables is built one partition at a time beside writes, and continued after an interruption", async () => {
  const { url, db } = await databaseBefore(5);
  const { sql } = db;
  const months = ["2026-03", "2026-04"];
  for (const table of ["access_logs", "user_activity_logs"]) await ensurePartitions(sql, table, months);
  const insert = (executor: postgres.ISql, month: string, table = "access_logs") => executor`
    insert into ${executor(table)} (id, created_at, ip_address, request_path)
    select gen_random_uuid(), ${`${month}-05`}::timestamptz, '203.0.113.1', '/' || n from generate_series(1, 100) as n`;
  for (const month of months) await insert(sql, month);
  await migrateDatabase(url);
  expect(await pendingSteps(sql)).toMatchObject({ step: "CREATE INDEX access_logs_values_idx", done: 0 });

  // A transaction that has written to a partition delays its index. To insert into the table would delay them all.
  const writer = postgres(url, { max: 1, onnotice: () => {} });
  const { opened: committed, open: commit } = makeGate();
  const transaction = writer.begin(async (tx) => {
    await insert(tx, "2026-03", "access_logs_p2026_03");
    await committed;
  });
  const first = new AbortController();
  const interrupted = finishSteps(url, sql, { log, signal: first.signal });
  const isInvalid = async () => {
    const indexes = await sql`
      select from pg_index where indexrelid = to_regclass('access_logs_values_p2026_03_idx') and not indisvalid`;
    return indexes.length > 0;
  };
  await until(isInvalid);
  for (const month of months) await insert(sql, month);
  expect((await pendingSteps(sql))?.done).toBeGreaterThan(0);
  first.abort();
  await interrupted;
  expect(await isInvalid()).toBe(true);
  commit();
  await transaction;
  await writer.end();

  await finishSteps(url, sql, { log, signal: new AbortController().signal });
  expect(await pendingSteps(sql)).toBeUndefined();
  const invalid = await sql`select indexrelid::regclass from pg_index where not indisvalid`;
  expect([...invalid]).toEqual([]);
  const indexes = await sql<{ name: string }[]>`
    select relname as name from pg_index join pg_class on oid = indexrelid
    where indrelid = 'access_logs_p2026_03'::regclass and relname like '%values%'`;
  expect(indexes.map(({ name }) => name)).toEqual(["access_logs_values_p2026_03_idx"]);
  const [counted] = await sql`select count(*)::int as n from access_logs`;
  expect(counted).toEqual({ n: 500 });

  const fresh = await createTestDatabase();
  expect(await catalogOf(sql)).toEqual(await catalogOf(fresh.db.sql));
  await fresh.drop();
});

test("a step runs in one process only, also when a migration needs its result", async () => {
  database = await createTestDatabase();
  const { url, db } = database;
  await db.sql`create table step_runs (id integer)`;
  await db.sql`
    insert into schema_steps (migration, statement)
    values ('0030_a', 'INSERT INTO "step_runs" VALUES (1); SELECT pg_sleep(1);')`;
  const folder = await mkdtemp(path.join(tmpdir(), "migrations-"));
  const session = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const file = path.join(folder, "meta", "_journal.json");
    const { entries } = JSON.parse(await readFile(file, "utf8"));
    const { idx, when } = entries.at(-1);
    const next = { idx: idx + 1, when: when + 1, tag: "9999_contract" };
    await writeFile(file, JSON.stringify({ entries: [...entries, next] }));
    await writeFile(
      path.join(folder, `${next.tag}.sql`),
      `-- contract: schema ${idx}, version 0.2.0\nALTER TABLE "step_runs" ADD COLUMN "next" integer;`,
    );
    const other = finishSteps(url, db.sql, { log, signal: new AbortController().signal });
    const isRunning = async () => {
      const running = await db.sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
      return running.length > 0;
    };
    await until(isRunning);
    await applyMigrations(session, { log, folder });
    await other;
  } finally {
    await session.end();
    await rm(folder, { recursive: true });
  }
  expect(await pendingSteps(db.sql)).toBeUndefined();
  expect([...(await db.sql`select * from step_runs`)]).toEqual([{ id: 1, next: null }]);
});

test("a step that fails again and again is shown as failed until it makes progress", async () => {
  database = await createTestDatabase();
  const { url, db } = database;
  const { sql } = db;
  await ensurePartitions(sql, "access_logs", ["2024-03", "2024-04"]);
  const insert = (executor: postgres.ISql) => executor`
    insert into access_logs_p2024_03 (id, created_at, ip_address, request_path)
    select gen_random_uuid(), '2024-03-05', '203.0.113.1', '/' from generate_series(1, 2)`;
  await insert(sql);
  const statement = 'CREATE UNIQUE INDEX "access_logs_once_idx" ON "access_logs" USING btree ("created_at");';
  await sql`insert into schema_steps (migration, statement) values ('0030_a', ${statement})`;
  const { signal } = new AbortController();
  await expect(finishSteps(url, sql, { log, signal })).rejects.toMatchObject({ code: "23505" });
  const failed = await pendingSteps(sql);
  expect(failed).toMatchObject({ step: "CREATE INDEX access_logs_once_idx", error: "23505" });

  // The next attempt waits for a transaction that has written to the partition.
  const writer = postgres(url, { max: 1, onnotice: () => {} });
  const { opened: ended, open: end } = makeGate();
  const { opened: begun, open: begin } = makeGate();
  const transaction = writer.begin(async (tx) => {
    await insert(tx);
    begin();
    await ended;
    await tx`delete from access_logs_p2024_03`;
  });
  await begun;
  const attempt = finishSteps(url, sql, { log, signal });
  await until(async () => {
    const waiting = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%index concurrently%'`;
    return waiting.length > 0;
  });
  expect(await pendingSteps(sql)).toEqual(failed);
  end();
  await transaction;
  await writer.end();
  await attempt;
  expect(await pendingSteps(sql)).toBeUndefined();
  expect([...(await sql`select done = total as done, error from schema_steps`)]).toEqual([{ done: true, error: null }]);
});

test("a migration that cannot get a lock does not block writes, and continues when the lock is free", async () => {
  const { url, db } = await databaseBefore(17);
  await ensurePartitions(db.sql, "access_logs", ["2026-03"]);
  const reader = postgres(url, { max: 1, onnotice: () => {} });
  const { opened: ended, open: end } = makeGate();
  const { opened: hasLock, open: gotLock } = makeGate();
  const transaction = reader.begin(async (tx) => {
    await tx`select count(*) from access_logs`;
    gotLock();
    await ended;
  });
  await hasLock;
  const migration = migrateDatabase(url);
  const attempts = async () => {
    const [waits] = await db.sql<{ n: number }[]>`
      select xact_rollback::int as n from pg_stat_database where datname = current_database()`;
    return waits?.n ?? 0;
  };
  const before = await attempts();
  await until(async () => {
    await db.sql`
      insert into access_logs (id, created_at, ip_address, request_path)
      values (gen_random_uuid(), '2026-03-05', '203.0.113.1', '/')`;
    return (await attempts()) > before + 1;
  });
  end();
  await transaction;
  await reader.end();
  await migration;
  expect((await db.sql`select from schema_info where schema = ${(await readMigrations()).length - 1}`).length).toBe(1);
});

test("a schema that needs a newer version stops the start with one line, and an unneeded one does not", async () => {
  const { url, db } = await databaseBefore(0);
  await migrateDatabase(url);
  const known = (await readMigrations()).length - 1;
  await db.sql`update schema_info set schema = 999, version = '9.1.0'`;
  expect(await refusalOf(url)).toBe("");
  expect((await db.sql`select schema, version from schema_info`)[0]).toEqual({ schema: 999, version: "9.1.0" });
  await db.sql`update schema_info set min_schema = 998, min_version = '9.0.0'`;
  expect(await refusalOf(url)).toBe(
    `PostgreSQL at ${new URL(url).host}: This version (${product.version}) supports the schema up to ${known}; the database has schema 999, which needs 998 or newer. Start version 9.0.0 or newer.`,
  );
});

test("a database with another product's tables of these names is named in one line and unchanged", async () => {
  const { url, db } = await databaseBefore(0);
  await db.sql`create table access_logs (id integer)`;
  expect(await refusalOf(url)).toBe(
    `PostgreSQL at ${new URL(url).host}: the database ${new URL(url).pathname.slice(1)} contains a table access_logs that this product did not create. Create a separate database, and set DATABASE_URL to it (docs/moving-in.md).`,
  );
  const tables =
    await db.sql`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  expect([...tables]).toEqual([{ relname: "access_logs" }]);
});

test("another application's migrations in the schema drizzle are left alone", async () => {
  const { url, db } = await databaseBefore(0);
  await db.sql`create schema drizzle`;
  await db.sql`create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  await db.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('other', 1)`;
  await migrateDatabase(url);
  await migrateDatabase(url);
  const count = async (table: string) => (await db.sql`select from ${db.sql(table)}`).length;
  expect(await count("drizzle.__drizzle_migrations")).toBe(1);
  expect(await count("public.__drizzle_migrations")).toBe((await readMigrations()).length);
});
