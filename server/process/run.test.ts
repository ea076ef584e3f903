import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NO_BUILD, programs } from "./programs.mjs";

const launcher = path.resolve("server/process/run.mjs");
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-build-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes a program that prints one word. */
async function write(file: string, word: string): Promise<void> {
  await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
  await writeFile(path.join(folder, file), `process.stdout.write(${JSON.stringify(word)});`);
}

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const { PATH, HOME } = process.env;
  const options = { cwd: folder, env: { NODE_ENV: "test", PATH, HOME } as const };
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("Without a build, a program exits with one line that contains the build command", async () => {
  await write(programs.worker, "sources");
  expect(await run("worker")).toEqual({ code: 1, stdout: "", stderr: `${NO_BUILD}\n` });
});

test("A program runs its build, even if the sources are newer, and its sources only with --source", async () => {
  await write("dist/worker.js", "build");
  await write(programs.worker, "sources");
  expect(await run("worker")).toMatchObject({ code: 0, stdout: "build" });
  expect(await run("--source", "worker")).toMatchObject({ code: 0, stdout: "sources" });
});

test("The demo starts without a build, creates it, and runs it from then on", async () => {
  await write("dist/demo.js", "build");
  await write(programs.demo, "sources");
  expect(await run("demo")).toMatchObject({ code: 0, stdout: "sources" });
  await write("dist/start.js", "");
  await write(".next/BUILD_ID", "");
  expect(await run("demo")).toMatchObject({ code: 0, stdout: "build" });
});
