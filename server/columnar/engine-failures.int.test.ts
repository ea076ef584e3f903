import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isAlive } from "@/server/db/embedded/processes";
import { AppError } from "@/server/lib/errors";
import { loadConfig } from "@/server/process/config";
import { columnarProcesses } from "@/server/testing/columnar-process";
import { longestBlock } from "@/server/testing/event-loop";
import type { ColumnarEngine } from "./engine";
import { openColumnarEngine } from "./open-engine";

const ENDLESS = sql`select count(*) from range(1000000000000) t(i) where hash(i) = 1`;
let dataDir: string;
let engine: ColumnarEngine;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-columnar-"));
  await mkdir(path.join(dataDir, "segments"));
  const config = loadConfig({
    DATA_DIR: dataDir,
    EXPLORE_THREADS: "1",
    EXPLORE_MEMORY: "512MB",
    EXPLORE_TEMPORARY_SPACE: "100MB",
  });
  engine = openColumnarEngine(config, pino({ level: "silent" }), { timeouts: { answerMs: 2_000 } });
});
afterAll(async () => {
  await engine.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Checks that the engine answers, and returns the ID of its process. */
async function answeringProcess(): Promise<number> {
  expect(await engine.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
  const [pid, ...others] = columnarProcesses();
  expect(others).toEqual([]);
  if (pid === undefined) throw new Error("The engine has no process.");
  return pid;
}

test.each(["SIGKILL", "SIGSTOP"] as const)(
  "After %s during a query, the query fails and the next one works",
  async (signal) => {
    const pid = await answeringProcess();
    const query = engine.query(ENDLESS, { user: "user:a" });
    process.kill(pid, signal);
    await expect(query).rejects.toMatchObject({ code: "columnar.engine_failed", kind: "UNAVAILABLE" });
    expect(await answeringProcess()).not.toBe(pid);
  },
);

test("A query of a frozen engine is cancelled before the engine is replaced", async () => {
  const pid = await answeringProcess();
  process.kill(pid, "SIGSTOP");
  const signal = AbortSignal.timeout(100);
  await expect(engine.query(ENDLESS, { signal })).rejects.toThrow("timeout");
  expect(() => process.kill(pid, 0)).not.toThrow();
  await answeringProcess();
});

test("An engine that starts slowly, as on a busy machine, is not replaced", async () => {
  const pid = await answeringProcess();
  const slow = openColumnarEngine(loadConfig({ DATA_DIR: dataDir }), pino({ level: "silent" }), {
    timeouts: { answerMs: 1_000 },
  });
  const answer = slow.query(sql`select 1 as one`);
  const starting = await vi.waitFor(() => {
    const other = columnarProcesses().find((process) => process !== pid);
    if (other === undefined) throw new Error("It has no process yet.");
    return other;
  }, 10_000);
  process.kill(starting, "SIGSTOP");
  const frozen = engine.query(ENDLESS);
  process.kill(pid, "SIGSTOP");
  await expect(frozen).rejects.toMatchObject({ code: "columnar.engine_failed" });
  process.kill(starting, "SIGCONT");
  expect(await answer).toEqual([{ one: 1 }]);
  await slow.close();
});

test("Queries in excess of the limits fail with a reason, and the next one works", async () => {
  const columns = (of: (k: number) => SQL) => sql.join([1, 2, 3, 4, 5, 6, 7, 8].map(of), sql`, `);
  const large = engine.query(sql`
    select len(list(concat_ws('', ${columns((k) => sql`hash(i + ${sql.raw(String(k))})`)}))) from range(20000000) t(i)`);
  await expect(large).rejects.toMatchObject({ code: "columnar.out_of_memory", kind: "UNPROCESSABLE" });
  await answeringProcess();
  // The states of exact percentiles are not part of DuckDB's own limit.
  const uncounted = engine.query(sql`
    select ${columns((k) => sql`quantile_cont((i + ${sql.raw(String(k))})::double, 0.5)`)} from range(40000000) t(i)`);
  await expect(uncounted).rejects.toMatchObject({ code: "columnar.out_of_memory" });
  await answeringProcess();
  const spilling = engine.query(sql`
    select max(n), max(r)
    from (
      select row_number() over (order by hash(i)) as n, row(${columns((k) => sql`hash(i + ${sql.raw(String(k))})`)}) as r
      from range(40000000) t(i)
    )`);
  await expect(spilling).rejects.toMatchObject({ code: "columnar.no_temporary_space" });
  await answeringProcess();
});

test("One user's long queries do not delay another's", async () => {
  const abort = new AbortController();
  const long = [1, 2, 3, 4].map(() => engine.query(ENDLESS, { user: "user:a", signal: abort.signal }));
  expect(await engine.query(sql`select 2 as two`, { user: "user:b" })).toEqual([{ two: 2 }]);
  expect(await engine.query(sql`select 3 as three`)).toEqual([{ three: 3 }]);
  const block = await longestBlock(async () => {
    abort.abort(new Error("no longer needed"));
    for (const { status } of await Promise.allSettled(long)) expect(status).toBe("rejected");
  });
  expect(block).toBeLessThan(50);
});

test("A query that exceeds the time limit fails with a reason", async () => {
  const config = loadConfig({ DATA_DIR: dataDir });
  const hurried = openColumnarEngine(config, pino({ level: "silent" }), { queryTimeoutMs: 100 });
  await expect(hurried.query(ENDLESS, { user: "user:a" })).rejects.toMatchObject({ code: "query.timeout" });
  await hurried.close();
});

test("An idle engine stops, and starts again with the next query", async () => {
  const pid = await answeringProcess();
  const config = loadConfig({ DATA_DIR: dataDir });
  const short = openColumnarEngine(config, pino({ level: "silent" }), { idleMs: 50 });
  for (let round = 0; round < 2; round++) {
    expect(await short.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
    await expect.poll(() => columnarProcesses()).toEqual([pid]);
  }
  await short.close();
});

test("A damaged or missing file is reported as such, without its path", async () => {
  const file = path.join(dataDir, "segments", "a.parquet");
  const read = () => engine.query(sql`select max(t) from read_parquet(${file})`);
  const missing = await read().catch((error: unknown) => error);
  expect(missing).toMatchObject({ code: "columnar.file_damaged" });
  expect(String(missing)).not.toContain(dataDir);
  await writeFile(file, "PAR1 nothing of the kind PAR1");
  await expect(read()).rejects.toMatchObject({ code: "columnar.file_damaged" });
});

test("Statements reach no file outside the folders of the engine", async () => {
  await writeFile(path.join(dataDir, "secret"), "secret");
  await mkdir(path.join(dataDir, "segments-copy"));
  const beside = (name: string) => path.join(dataDir, name);
  const outside = [
    sql`select * from read_text('/etc/passwd')`,
    sql`select * from read_text(${beside("secret")})`,
    sql`select * from read_text(${beside("segments/../secret")})`,
    sql`select * from glob(${beside("*")})`,
    sql`copy (select 1) to '${sql.raw(beside("stolen.csv"))}'`,
    sql`copy (select 1) to '${sql.raw(beside("segments-copy/stolen.csv"))}'`,
    sql`attach '${sql.raw(beside("stolen.db"))}'`,
    sql`set enable_external_access = true`,
    sql`install httpfs`,
    sql`select * from read_csv('https://example.com/a.csv')`,
  ];
  for (const statement of outside) {
    const error = await engine.query(statement).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "server.internal" });
  }
  expect((await readdir(dataDir)).filter((name) => name.includes("stolen"))).toEqual([]);
  await engine.query(sql`copy (select 1 as one) to '${sql.raw(beside("segments/own.parquet"))}' (format parquet)`);
  expect(await engine.query(sql`select one from read_parquet(${beside("segments/own.parquet")})`)).toEqual([
    { one: 1 },
  ]);
});

test("The engine ends with the process that started it", async () => {
  const script = `
    const child = require("node:child_process").fork("server/process/run.mjs", ["explore"], { execArgv: [], serialization: "advanced" });
    child.send({ type: "open", settings: { memoryBytes: 512e6, threads: 1, folders: [], spillFolder: "/tmp", spillBytes: 1e6 } });
    child.on("message", () => console.log(child.pid));`;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await once(parent.stdout, "data");
  const pid = Number(output);
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("Temporary folders are removed with the engine, and those of dead processes by the next one", async () => {
  const folder = path.join(dataDir, "columnar", "tmp");
  const [mine] = await readdir(folder);
  expect(mine).toContain(`-${process.pid}-`);
  const dead = fork("server/process/healthcheck.mjs", { stdio: "ignore" });
  await once(dead, "exit");
  const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, "_");
  const id = "00000000-0000-4000-8000-000000000000";
  const names = [`${host}-${dead.pid}-${id}`, `${host}-${process.ppid}-${id}`, `elsewhere-1-${id}`];
  for (const name of names) await mkdir(path.join(folder, name));
  const other = openColumnarEngine(loadConfig({ DATA_DIR: dataDir }), pino({ level: "silent" }));
  await writeFile(path.join(await other.makeFolder(), "rows.csv"), "1\n");
  expect(await readdir(folder)).toHaveLength(4);
  expect(await readdir(folder)).not.toContain(names[0]);
  await other.close();
  expect((await readdir(folder)).toSorted()).toEqual([mine, ...names.slice(1)].toSorted());
});

test("An engine that cannot start fails at once with its own reason, is logged once, and starts when it can", async () => {
  const folder = await mkdtemp(path.join(dataDir, "unwritable-"));
  await writeFile(path.join(folder, "columnar"), "a file in place of the folder");
  const lines: string[] = [];
  const log = pino({ level: "error" }, { write: (line) => lines.push(line) });
  const blocked = openColumnarEngine(loadConfig({ DATA_DIR: folder }), log, { startPauseMs: 2_000 });
  const query = () => blocked.query(sql`select 1 as one`, { user: "user:a" });
  for (let round = 0; round < 3; round++)
    await expect(query()).rejects.toMatchObject({ code: "columnar.unavailable", kind: "UNAVAILABLE" });
  expect(lines.filter((line) => line.includes("cannot start"))).toHaveLength(1);
  await rm(path.join(folder, "columnar"));
  await expect.poll(() => query().catch(() => undefined)).toEqual([{ one: 1 }]);
  await blocked.close();
});

test("A user's waiting reads do not begin, so that others' reads find a connection", async () => {
  const user = "user:a";
  const releases = [await engine.takeRead({ user }), await engine.takeRead({ user })];
  const waiting = engine.takeRead({ user, signal: AbortSignal.timeout(50) });
  releases.push(await engine.takeRead({ user: "user:b" }));
  await expect(waiting).rejects.toThrow("timeout");
  for (const release of releases) release();
  (await engine.takeRead({ user }))();
});
