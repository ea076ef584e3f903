import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StartError } from "@/server/process/start-error";
import { acquireEmbeddedDatabase } from ".";
import { isAlive } from "./processes";

const log = pino({ level: "silent" });
const isRoot = process.getuid?.() === 0;
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-embedded-"));
  await chmod(dataDir, 0o755);
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const acquire = (folder = dataDir) => acquireEmbeddedDatabase({ dataDir: folder }, log);

async function query(url: string, text: string) {
  const sql = postgres(url, { max: 1 });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

async function home(folder = dataDir): Promise<string> {
  const control = path.join(folder, "postgres");
  return (await readFile(path.join(control, "location"), "utf8").catch(() => control)).trim();
}

async function serverPid(folder = dataDir): Promise<number> {
  return Number((await readFile(path.join(await home(folder), "data", "postmaster.pid"), "utf8")).split("\n")[0]);
}

test("An empty folder becomes a UTF-8 database with checksums and durable commits", async () => {
  const database = await acquire();
  const [row] = await query(
    database.url,
    `select current_setting('server_version_num')::int / 10000 as major, current_setting('data_checksums') as checksums,
       current_setting('fsync') || current_setting('synchronous_commit') as durable,
       current_setting('server_encoding') as encoding, upper('ä') as upper`,
  );
  await database.release();
  expect(row).toEqual({ major: 18, checksums: "on", durable: "onon", encoding: "UTF8", upper: "Ä" });
});

test("Data persists across restarts", async () => {
  const first = await acquire();
  await query(first.url, "create table saved as select 42 as answer");
  await first.release();
  const second = await acquire();
  const [row] = await query(second.url, "select answer from saved");
  await second.release();
  expect(row).toEqual({ answer: 42 });
});

test("Later processes share the running server, and the last one to exit stops it", async () => {
  const first = await acquire();
  const pid = await serverPid();
  const second = await acquire();
  expect(second.url).toBe(first.url);
  await first.release();
  expect(isAlive(pid)).toBe(true);
  expect(await query(second.url, "select 1 as alive")).toEqual([{ alive: 1 }]);
  await second.release();
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("Processes that start and stop concurrently share one server and leave none running", async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => acquire()));
  expect(new Set(all.map((database) => database.url)).size).toBe(1);
  const pid = await serverPid();
  await Promise.all(all.map((database) => database.release()));
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("A server that crashes is restarted at the same address", async () => {
  const database = await acquire();
  const before = await serverPid();
  process.kill(before, "SIGKILL");
  await expect.poll(() => query(database.url, "select 1 as alive").catch(() => "unavailable")).toEqual([{ alive: 1 }]);
  const after = await serverPid();
  expect(after).not.toBe(before);
  await database.release();
  await expect.poll(() => isAlive(after)).toBe(false);
});

test("A lock left by a killed process does not block others", async () => {
  await mkdir(path.join(dataDir, "postgres"), { recursive: true });
  await writeFile(path.join(dataDir, "postgres", "lock"), '{"pid":4194999,"host":"elsewhere","id":"x"}');
  await utimes(path.join(dataDir, "postgres", "lock"), 1, 1);
  const database = await acquire();
  await database.release();
});

test("Data of another major version is not modified and is reported in one line", async () => {
  await mkdir(path.join(dataDir, "postgres", "data"), { recursive: true });
  await writeFile(path.join(dataDir, "postgres", "data", "PG_VERSION"), "17\n");
  const failure = await acquire().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect(String(failure)).toMatch(/contains data of PostgreSQL 17, but this release includes PostgreSQL 18/);
});

test("A file in place of the folder is reported in one line", async () => {
  const file = path.join(dataDir, "file");
  await writeFile(file, "");
  const failure = await acquire(file).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect(String(failure)).toContain(`${file} is not a folder`);
});

test.runIf(isRoot)(
  "As root, the server runs as another user and stores its data where that user has access",
  async () => {
    await chmod(dataDir, 0o700);
    const database = await acquire();
    const place = await home();
    expect(place).not.toContain(dataDir);
    expect((await stat(`/proc/${await serverPid()}`)).uid).not.toBe(0);
    await database.release();

    const again = await acquire();
    expect(await home()).toBe(place);
    await again.release();
    await rm(place, { recursive: true });
  },
);

test("The password file is readable only by its owner", async () => {
  const database = await acquire();
  const { mode } = await stat(path.join(dataDir, "postgres", "password"));
  await database.release();
  expect(mode & 0o077).toBe(0);
  await expect(access(path.join(await home(), "data", "postmaster.pid"))).rejects.toThrow();
});
