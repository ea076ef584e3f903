import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { isAlive } from "@/server/db/embedded/processes";
import { freePort } from "@/server/process/free-port";

test.describe.configure({ timeout: 120_000 });

let dataDir: string;

test.beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-start-"));
  await chmod(dataDir, 0o755);
});

test.afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts `npm start` in a separate process group, as a terminal's shell does. */
function start(port: number) {
  const child = spawn("npm", ["start"], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: "", REDIS_URL: "" },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, output, ended };
}

async function untilReady(port: number): Promise<void> {
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/api/health`).then(
          (response) => response.status,
          () => 0,
        ),
      {
        timeout: 60_000,
      },
    )
    .toBe(200);
}

async function postmaster(): Promise<number> {
  return Number((await readFile(path.join(dataDir, "postgres/data/postmaster.pid"), "utf8")).split("\n")[0]);
}

/** Returns the processes whose environment contains our data folder, and its PostgreSQL. */
async function running(serverPid: number): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.includes(`DATA_DIR=${dataDir}\0`) && isAlive(Number(pid))) {
      found.push((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "));
    }
  }
  if (isAlive(serverPid)) found.push("postgres");
  return found;
}

function kill(child: ChildProcess, target: "process" | "group", signal: NodeJS.Signals): void {
  if (child.pid === undefined) throw new Error("npm start has no process");
  process.kill(target === "group" ? -child.pid : child.pid, signal);
}

test("SIGTERM stops everything that npm start started", async () => {
  const port = await freePort();
  const { child, ended } = start(port);
  await untilReady(port);
  const serverPid = await postmaster();
  kill(child, "process", "SIGTERM");
  await ended;
  await expect.poll(() => running(serverPid), { timeout: 20_000 }).toEqual([]);
});

test("Ctrl-C stops everything, even if it is pressed twice and sent to all processes", async () => {
  const port = await freePort();
  const { child, ended, output } = start(port);
  await untilReady(port);
  const serverPid = await postmaster();
  kill(child, "group", "SIGINT");
  await new Promise((resolve) => setImmediate(resolve));
  kill(child, "group", "SIGINT");
  await ended;
  await expect.poll(() => running(serverPid), { timeout: 20_000 }).toEqual([]);
  expect(output.stderr).not.toMatch(/\n\s+at /);
});

test("When npm start is killed, web, worker and PostgreSQL stop too", async () => {
  const port = await freePort();
  const { child } = start(port);
  await untilReady(port);
  const serverPid = await postmaster();
  const parent = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of parent) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (commandLine.includes("server/process/run.mjs\0start") && environment.includes(`DATA_DIR=${dataDir}\0`)) {
      process.kill(Number(pid), "SIGKILL");
    }
  }
  await expect.poll(() => running(serverPid), { timeout: 30_000 }).toEqual([]);
  expect(child.exitCode).not.toBe(0);
});

test("npm start reports a port in use in one line and exits", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const { output, ended } = start(port);
  expect(await ended).toBe(1);
  other.close();
  const lines = output.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("npm "));
  expect(lines).toEqual([`Port ${port} on 127.0.0.1 is in use. Stop the other program, or set PORT to another port.`]);
});
