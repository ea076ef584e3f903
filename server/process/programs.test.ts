import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isBuildFresh } from "./programs.mjs";

const home = process.cwd();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-build-"));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

/** A file that was written so many seconds after the first. */
async function written(file: string, seconds: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, "");
  await utimes(file, 1_000 + seconds, 1_000 + seconds);
}

test("A build is fresh when both of its halves are there and no source is newer; tests are no sources", async () => {
  await written("server/web/main.ts", 0);
  expect(await isBuildFresh()).toBe(false);
  await written("dist/start.js", 2);
  expect(await isBuildFresh()).toBe(false);
  await written(".next/BUILD_ID", 1);
  expect(await isBuildFresh()).toBe(true);
  await written("server/web/main.test.ts", 9);
  expect(await isBuildFresh()).toBe(true);
  await written("components/button.tsx", 9);
  expect(await isBuildFresh()).toBe(false);
});
