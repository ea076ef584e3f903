import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { PLATFORM_TABLES } from "@/server/testing/platform-tables";
import { programEnvironment } from "@/server/testing/program-environment";

/** The platform's database, and the console's. */
let platform: TestDatabase;
let own: TestDatabase;
let folder: string;

const ROWS = `
  insert into access_logs (user_id, ip_address, user_agent, request_path, request_method, status_code, response_time, created_at)
  values
    ('123', '203.0.113.7', E'line\\nfeed, "quotes"', '/cases/案号?a=1,2', 'GET', 200, 35, '2026-11-01 00:30:00.123456'),
    (null, '2001:db8::1', '', '\\.', null, null, null, '2026-11-01 08:00:00'),
    ('', '10.0.0.1', null, '/', 'POST', 500, 0, '2026-11-02 08:00:00');
  insert into user_activity_logs (user_id, action, details, ip_address, created_at)
  values
    ('123', 'login', '{"案由": "合同", "n": 1.5, "text": "a\\"b,\\\\n"}', '203.0.113.7', '2026-11-01 08:00:00'),
    ('124', 'logout', null, null, '2026-11-01 09:00:00')`;

/** Stands in for psql, which a machine without PostgreSQL's client does not have: \copy (…) to stdout by COPY. */
const STAND_IN = `
import postgres from ${JSON.stringify(createRequire(import.meta.url).resolve("postgres"))};
import { pipeline } from "node:stream/promises";
const [url, , command] = process.argv.slice(2);
const sql = postgres(url, { max: 1 });
await pipeline(await sql.unsafe(command.replace(/^.copy/, "copy")).readable(), process.stdout);
await sql.end();
`;

beforeAll(async () => {
  [platform, own] = await Promise.all([createTestDatabase({ bare: true }), createTestDatabase()]);
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-moving-in-"));
  await platform.db.sql.unsafe(PLATFORM_TABLES);
  await platform.db.sql.unsafe(ROWS);
  await writeFile(path.join(folder, "psql.mjs"), STAND_IN);
  const script = `#!/bin/sh\nexec ${process.execPath} ${path.join(folder, "psql.mjs")} "$@"\n`;
  await writeFile(path.join(folder, "psql"), script, { mode: 0o755 });
});
afterAll(async () => {
  await Promise.all([platform.drop(), own.drop()]);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => own.db.sql`truncate access_logs, user_activity_logs`);

async function documented(name: string, file = "docs/moving-in.md"): Promise<string> {
  const text = await readFile(file, "utf8");
  const blocks = [...text.matchAll(/^```sh rehearsed=(\w+)\n(.*?)^```$/gms)];
  const [, , commands] = blocks.find(([, mark]) => mark === name) ?? [];
  if (!commands) throw new Error(`${file} has no commands marked ${name}.`);
  return commands;
}

async function run(commands: string): Promise<Record<string, unknown>[]> {
  const { PATH = "", ...inherited } = programEnvironment();
  const env = {
    ...inherited,
    NODE_ENV: "production" as const,
    // A real psql has priority.
    PATH: `${PATH}:${folder}`,
    DATABASE_URL: own.url,
    DATA_DIR: folder,
    PLATFORM_DATABASE_URL: platform.url,
  };
  const { stdout } = await promisify(execFile)("sh", ["-ec", commands], { env });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("the documented lines import the platform's rows, once; NULL stays unknown and naive times are in APP_TIMEZONE", async () => {
  const commands = await documented("import");
  expect(await run(commands)).toMatchObject([
    { received: 3, inserted: 3, duplicates: 0, rejected: 0 },
    { received: 2, inserted: 2, duplicates: 0, rejected: 0 },
  ]);
  expect(await run(commands)).toMatchObject([
    { received: 3, inserted: 0, duplicates: 3 },
    { received: 2, inserted: 0, duplicates: 2 },
  ]);
  // Empty text in a CSV file is no value.
  const columns =
    "id::text, nullif(user_id, '') as user_id, ip_address::text, nullif(user_agent, '') as user_agent, request_path, request_method, status_code, response_time";
  const rows = await own.db.sql.unsafe(`select ${columns}, created_at::text from access_logs order by created_at`);
  const expected = await platform.db.sql.unsafe(
    `select ${columns}, (created_at at time zone 'Asia/Shanghai')::text as created_at from access_logs order by created_at`,
  );
  expect([...rows]).toEqual([...expected]);
  const activities = (address: string) =>
    `select user_id, action, details::text, ${address} as address from user_activity_logs order by created_at`;
  expect([...(await own.db.sql.unsafe(activities("ip_address")))]).toEqual([
    ...(await platform.db.sql.unsafe(activities("host(ip_address)"))),
  ]);
  expect(await own.db.sql`select extra->>'event_id' as id from user_activity_logs order by created_at`).toEqual([
    { id: "1" },
    { id: "2" },
  ]);
});

test("a platform that stored UTC is imported with that zone", async () => {
  expect(await run(await documented("utc"))).toMatchObject([{ inserted: 3 }]);
  const [first] = await own.db.sql`select min(created_at)::text as at from access_logs`;
  expect(first).toEqual({ at: "2026-11-01 00:30:00.123456+00" });
});

test("both languages document the same commands", async () => {
  for (const name of ["import", "utc"])
    expect(await documented(name, "docs/moving-in.zh-CN.md")).toBe(await documented(name));
});
