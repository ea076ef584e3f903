import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { programEnvironment } from "@/server/testing/program-environment";

const run = promisify(execFile);
const NAME = `console_${randomBytes(4).toString("hex")}`;

let administrator: postgres.Sql;
let folder: string;

beforeAll(async () => {
  administrator = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-role-"));
  const text = await readFile("docs/operating.md", "utf8");
  const [, statements = ""] = /```sql\n(CREATE ROLE console[\s\S]*?)```/.exec(text) ?? [];
  const named = statements.replaceAll("console", NAME).replace("'…'", "'a-password'");
  for (const statement of named.split(";\n")) if (statement.trim()) await administrator.unsafe(statement);
});

afterAll(async () => {
  await administrator.unsafe(`drop database if exists ${NAME} with (force)`);
  await administrator.unsafe(`drop role if exists ${NAME}`);
  await administrator.end();
  await rm(folder, { recursive: true, force: true });
});

test("The documented role of PostgreSQL, without superuser, migrates its database, stores and deletes rows", async () => {
  const url = new URL(inject("postgresUrl"));
  url.username = NAME;
  url.password = "a-password";
  url.pathname = NAME;
  const env = { ...programEnvironment(), DATABASE_URL: url.href, DATA_DIR: `${folder}/data` };
  const cli = (...args: string[]) => run(process.execPath, ["server/process/run.mjs", "cli", ...args], { env });
  const log = `${folder}/events.ndjson`;
  const event = { ip_address: "203.0.113.7", request_path: "/", created_at: "2020-01-02T03:04:05Z" };
  await writeFile(log, `${JSON.stringify(event)}\n`);
  await cli("migrate");
  expect((await cli("ingest", "--direct", "--table", "access_logs", log)).stdout).toContain('"inserted":1');
  const { stdout } = await cli("cleanup", "--type", "access_logs", "--days", "90", "--dry-run");
  expect(stdout).toMatch(/\b1\b/);
  const [role] = await administrator`
    select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles where rolname = ${NAME}`;
  expect(Object.values(role ?? {})).toEqual([false, false, false, false, false]);
}, 60_000);
