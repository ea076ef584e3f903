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

let administrator: postgres.Sql;
let folder: string;
let blocks: string[];

beforeAll(async () => {
  administrator = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-role-"));
  const text = await readFile("docs/operating.md", "utf8");
  blocks = [...text.matchAll(/```sql\n(CREATE ROLE console[\s\S]*?)```/g)].map(([, block = ""]) => block);
});

afterAll(async () => {
  await administrator.end();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  { owned: "its database", block: 0, database: "console" },
  { owned: "a schema of another database", block: 1, database: "platform" },
])(
  "The documented role that owns $owned migrates it, stores and cleans up",
  async ({ block, database }) => {
    const tag = randomBytes(4).toString("hex");
    const [role, place] = [`console_${tag}`, `${database}_${tag}`];
    const statements = (blocks[block] ?? "").replaceAll("platform", place).replaceAll("console", role);
    const url = new URL(inject("postgresUrl"));
    url.pathname = place;
    if (block === 1) await administrator.unsafe(`create database ${place}`);
    const inside = block === 1 ? postgres(url.href, { max: 1, onnotice: () => {} }) : administrator;
    for (const statement of statements.replace("'…'", "'a-password'").split(";\n")) {
      if (statement.trim()) await inside.unsafe(statement);
    }
    url.username = role;
    url.password = "a-password";

    const env = { ...programEnvironment(), DATABASE_URL: url.href, DATA_DIR: `${folder}/${tag}` };
    const cli = (...args: string[]) => run(process.execPath, ["server/process/run.mjs", "cli", ...args], { env });
    const log = `${folder}/${tag}.ndjson`;
    const event = { ip_address: "203.0.113.7", request_path: "/", created_at: "2020-01-02T03:04:05Z" };
    await writeFile(log, `${JSON.stringify(event)}\n`);
    await cli("migrate");
    expect((await cli("ingest", "--direct", "--table", "access_logs", log)).stdout).toContain('"inserted":1');
    expect((await cli("cleanup", "--type", "access_logs", "--days", "90", "--dry-run")).stdout).toMatch(/\b1\b/);
    const [found] = await administrator`
    select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles where rolname = ${role}`;
    expect(Object.values(found ?? {})).toEqual([false, false, false, false, false]);

    if (block === 1) await inside.end();
    await administrator.unsafe(`drop database ${place} with (force)`);
    await administrator.unsafe(`drop role ${role}`);
  },
  120_000,
);
