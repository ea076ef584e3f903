import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { startFrozenProxy } from "@/server/testing/frozen-proxy";
import { loadConfig } from "./config";
import { prepareDatabase } from "./open-context";
import { describeError } from "./run-main";

const log = pino({ level: "silent" });
/** Unique suffix of this file's databases and roles. */
const tag = randomBytes(4).toString("hex");

let maintenance: postgres.Sql;
let folder: string;
beforeAll(async () => {
  maintenance = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-start-"));
});
afterAll(async () => {
  const databases = await maintenance<
    { name: string }[]
  >`select datname as name from pg_database where datname like ${`%${tag}`}`;
  for (const { name } of databases) await maintenance`drop database ${maintenance(name)} with (force)`;
  await maintenance`drop role if exists ${maintenance(`poor_${tag}`)}`;
  await maintenance.end();
  await rm(folder, { recursive: true, force: true });
});

function address(change: (url: URL) => unknown): string {
  const url = new URL(inject("postgresUrl"));
  change(url);
  return url.href;
}

async function makeDatabase(name: string, options = ""): Promise<string> {
  await maintenance.unsafe(`create database ${name}_${tag} ${options}`);
  return address((url) => {
    url.pathname = `/${name}_${tag}`;
  });
}

/** Returns the error that a command prints if it cannot start. */
async function refusal(env: Record<string, string>): Promise<string> {
  const config = loadConfig({ DATA_DIR: path.join(folder, "data"), ...env });
  const prepared = prepareDatabase(config, "command", log);
  return await prepared.then(
    () => "it started",
    (error: unknown) => describeError(error),
  );
}

const startWith = (url: string) => refusal({ DATABASE_URL: url });

describe("A database that cannot be used prevents the start with one line that contains cause and remedy", () => {
  test.each([
    ["a wrong password", (url: URL) => (url.password = "s3cret"), /password authentication failed.*DATABASE_URL/],
    [
      "an unknown user",
      (url: URL) => (url.username = "nobody"),
      /authentication failed for user "nobody".*DATABASE_URL/,
    ],
    [
      "a database that does not exist",
      (url: URL) => (url.pathname = "/nowhere"),
      /"nowhere" does not exist.*Create it/,
    ],
    [
      "an unknown host",
      (url: URL) => ([url.hostname, url.password] = ["no-such-host.invalid", "s3cret"]),
      /(ENOTFOUND|EAI_AGAIN).*host in DATABASE_URL/,
    ],
    [
      "a port without a listener",
      (url: URL) => ([url.port, url.password] = ["1", "s3cret"]),
      /ECONNREFUSED.*nothing listens there/,
    ],
    ["the port 0", (url: URL) => ([url.port, url.password] = ["0", "s3cret"]), /is unavailable.*DATABASE_URL/],
    ["TLS without server support", (url: URL) => (url.search = "?sslmode=require"), /Turn on ssl.*remove sslmode/],
    ["a certificate to verify without TLS", (url: URL) => (url.search = "?sslmode=verify-full"), /remove sslmode/],
    ["an unknown setting", (url: URL) => (url.search = "?no_such_setting=1"), /no_such_setting/],
  ] satisfies [string, (url: URL) => unknown, RegExp][])("%s", async (_, change, line) => {
    const message = await startWith(address(change));
    expect(message).toMatch(line);
    expect(message).not.toMatch(/\n|s3cret|:test@|\.ts/);
  });

  test("a host whose packets are dropped", async () => {
    // Further connections to a stopped process with a full backlog get no response.
    const listen =
      "const server = net.createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => { console.log(server.address().port); process.kill(process.pid, 'SIGSTOP') })";
    const child = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(child.stdout, "data");
    const waiting = Array.from({ length: 16 }, () => connect(Number(port), "127.0.0.1").on("error", () => {}));
    try {
      const message = await startWith(`postgres://me:s3cret@127.0.0.1:${Number(port)}/logs`);
      expect(message).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+ is unavailable \(CONNECT_TIMEOUT\): .*firewall/);
      expect(message).not.toMatch(/\n|s3cret/);
    } finally {
      for (const socket of waiting) socket.destroy();
      child.kill("SIGKILL");
    }
  });

  test("a server that accepts connections but never responds", async () => {
    const proxy = await startFrozenProxy(Number(new URL(inject("postgresUrl")).port));
    proxy.freeze();
    expect(await startWith(address((url) => (url.port = String(proxy.port))))).toMatch(/CONNECT_TIMEOUT.*firewall/);
    await proxy.close();
  });

  test.each([
    ["a wrong password", (url: URL) => (url.password = "s3cret")],
    ["a database that does not exist", (url: URL) => (url.pathname = "/nowhere")],
  ])("%s is not waited for by a service", async (_, change) => {
    const lines: string[] = [];
    const config = loadConfig({ DATA_DIR: path.join(folder, "data"), DATABASE_URL: address(change) });
    const log = pino({}, { write: (line: string) => lines.push(line) });
    await expect(prepareDatabase(config, "service", log)).rejects.toMatchObject({ name: "StartError" });
    expect(lines).toEqual([]);
  });

  test("a port with another kind of server", async () => {
    const web = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as AddressInfo;
    expect(await startWith(`postgres://me@127.0.0.1:${port}/logs`)).toMatch(/is unavailable.*Check/);
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  });

  test.each(["LATIN1", "SQL_ASCII"])("the encoding %s", async (encoding) => {
    const url = await makeDatabase(encoding.toLowerCase(), `encoding '${encoding}' locale 'C' template template0`);
    expect(await startWith(url)).toMatch(new RegExp(`encoding ${encoding}.*ENCODING 'UTF8'`));
  });

  test("an account without permission to create tables", async () => {
    const url = new URL(await makeDatabase("foreign_owner"));
    await maintenance.unsafe(`create role poor_${tag} login password 'poor'`);
    [url.username, url.password] = [`poor_${tag}`, "poor"];
    expect(await startWith(url.href)).toMatch(/permission denied for schema public.*GRANT CREATE/);
  });

  test("a read-only database", async () => {
    const url = await makeDatabase("read_only");
    await maintenance.unsafe(`alter database read_only_${tag} set default_transaction_read_only = on`);
    expect(await startWith(url)).toMatch(/read-only transaction.*primary/);
  });

  test("unrelated tables of the same names", async () => {
    const url = await makeDatabase("others");
    const sql = postgres(url, { max: 1 });
    await sql`create table jobs (title text)`;
    await sql.end();
    expect(await startWith(url)).toMatch(
      /contains a table jobs that this product did not create\. Create a separate database/,
    );
  });
});

test("Times are parsed independently of the database's DateStyle, IntervalStyle and TimeZone", async () => {
  const url = await makeDatabase("dates");
  for (const setting of [
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'iso_8601'",
    "timezone = 'Asia/Shanghai'",
    "bytea_output = 'escape'",
  ])
    await maintenance.unsafe(`alter database dates_${tag} set ${setting}`);
  expect(await startWith(url)).toBe("it started");
  const db = connectDatabase(url, { applicationName: "test" });
  for (const sql of [db.sql, db.health, db.intake.access_logs, db.ddl.user_activities, db.read.$client]) {
    const [row] = await sql`
      select '2026-11-29T11:06:54Z'::timestamptz::text as at, interval '1 day 2 hours'::text as lasted, '\\x00ff'::bytea::text as bytes`;
    expect(row).toEqual({ at: "2026-11-29 11:06:54+00", lasted: "1 day 02:00:00", bytes: "\\x00ff" });
  }
  await db.close();
});

test("The name of a database may contain any characters", async () => {
  await maintenance.unsafe(`create database "日志 50%_${tag}"`);
  expect(await startWith(address((url) => (url.pathname = `/${encodeURIComponent(`日志 50%_${tag}`)}`)))).toBe(
    "it started",
  );
  const missing = await startWith(address((url) => (url.pathname = "/%E6%97%A5")));
  expect(missing).toMatch(/database "日" does not exist/);
});

describe("A DATA_DIR", () => {
  test("is created with access for its owner only, also later", async () => {
    const dataDir = path.join(folder, "open");
    await mkdir(dataDir, { mode: 0o755 });
    await refusal({ DATABASE_URL: "postgres://me@127.0.0.1:1/none", DATA_DIR: dataDir });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  test.each([
    ["below a file", () => path.join(folder, "file", "data"), /is not a folder.*DATA_DIR/],
    ["with too long a name", () => path.join(folder, "x".repeat(300)), /too long.*DATA_DIR/],
  ])("%s is rejected with one line", async (_, place, line) => {
    await writeFile(path.join(folder, "file"), "");
    const message = await refusal({ DATABASE_URL: inject("postgresUrl"), DATA_DIR: place() });
    expect(message).toMatch(line);
    expect(message).not.toContain("\n");
  });
});
