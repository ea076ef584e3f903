import { spawn } from "node:child_process";
import { appendFile, copyFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { setUpIntake } from "@/server/testing/intake";
import { follow } from "./follow";
import { openPositions } from "./position-store";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-follow-"));
  log = path.join(folder, "access.log");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const line = (name: string) => `203.0.113.9 - - [10/Oct/2020:13:55:36 -0700] "GET /${name} HTTP/1.1" 200 12345\n`;

/** The stored paths, of equal rows each. */
async function stored(): Promise<string[]> {
  const rows = await ctx.db.sql<{ request_path: string }[]>`select request_path from access_logs order by request_path`;
  return rows.map((row) => row.request_path.slice(1));
}

async function until(isMet: () => Promise<boolean>): Promise<void> {
  while (!(await isMet())) await sleep(50);
}

const untilRows = (count: number) => until(async () => (await stored()).length >= count);

/** Follows files in this process. @returns a function that stops it, as SIGTERM does */
function start(...names: string[]) {
  const stop = new AbortController();
  const notes: string[] = [];
  const run = async () => {
    const store = await openPositions(path.join(folder, "positions"), []);
    const flags = { table: "access_logs", format: "auto", direct: true, follow: true } as const;
    return await follow(names, {
      ctx,
      flags,
      signal: stop.signal,
      store,
      note: (note) => notes.push(note),
      onTaken: () => {},
    });
  };
  const ended = run();
  return {
    notes,
    stop: async () => {
      stop.abort();
      return await ended;
    },
  };
}

test("lines are stored while they are written, an incomplete one once it is complete, and equal ones each", async () => {
  await writeFile(log, line("a") + line("b").slice(0, 30));
  const following = start(log);
  await untilRows(1);
  await appendFile(log, line("b").slice(30) + line("b") + line("b"));
  await untilRows(4);
  expect(await following.stop()).toBe(0);
  expect(await stored()).toEqual(["a", "b", "b", "b"]);
});

test("a rotated file is read to its end, also by a later run, and equal lines on both sides are two events", async () => {
  await writeFile(log, line("a"));
  const first = start(log);
  await untilRows(1);
  await appendFile(log, line("b"));
  await rename(log, `${log}.1`);
  await appendFile(`${log}.1`, line("late"));
  await writeFile(log, line("b"));
  await untilRows(4);
  await first.stop();
  // Two rotations while nothing reads.
  await appendFile(log, line("c"));
  await rename(`${log}.1`, `${log}.3`);
  await rename(log, `${log}.2`);
  await writeFile(`${log}.1`, line("c") + line("d"));
  await writeFile(log, line("d"));
  const second = start(log);
  await untilRows(8);
  await second.stop();
  expect(await stored()).toEqual(["a", "b", "b", "c", "c", "d", "d", "late"]);
});

test("a file that is copied and truncated continues from its beginning, with what was not read from the copy", async () => {
  const old = Array.from({ length: 30 }, (_, index) => line(`old${index + 10}`));
  await writeFile(log, old.slice(0, 20).join(""));
  const first = start(log);
  await untilRows(20);
  await first.stop();
  await appendFile(log, old.slice(20).join(""));
  await copyFile(log, `${log}.1`);
  await truncate(log);
  await appendFile(log, line("new1"));
  const second = start(log);
  await untilRows(31);
  // In the same run, to more bytes than before.
  await truncate(log);
  await appendFile(log, Array.from({ length: 5 }, (_, index) => line(`next${index}`)).join(""));
  await untilRows(36);
  await second.stop();
  expect(new Set(await stored()).size).toBe(36);
  expect(await stored()).toHaveLength(36);
});

test("new files that match a pattern are read, a file that cannot be read stops no other, and a deleted one comes back", async () => {
  await writeFile(path.join(folder, "broken.log"), "[1,\n");
  await writeFile(path.join(folder, "packed.log"), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]));
  const following = start(path.join(folder, "*.log"));
  await writeFile(log, line("one"));
  await writeFile(path.join(folder, "other.log"), line("two"));
  await untilRows(2);
  await rm(log);
  await writeFile(log, line("three"));
  await untilRows(3);
  expect(await following.stop()).toBe(1);
  expect(await stored()).toEqual(["one", "three", "two"]);
  expect(following.notes.join("\n")).toContain("packed.log is not followed: it is compressed");
});

test("killed at any moment while a writer writes and rotates, the command stores each line exactly once", async () => {
  const sent: string[] = [];
  let isWriting = true;
  let isFollowed = false;
  const write = async () => {
    for (let number = 0; isWriting; number++) {
      const names = Array.from({ length: 10 }, (_, index) => `${number}-${index >> 1}`);
      await appendFile(log, names.map(line).join(""));
      sent.push(...names);
      if (isFollowed && number % 100 === 99) await rename(log, `${log}-2026${1000 + number}`);
      await sleep(20);
    }
  };
  const command = () => {
    const env = { ...process.env, DATABASE_URL: ctx.config.databaseUrl, DATA_DIR: folder, REDIS_URL: "" };
    const args = ["server/process/run.mjs", "cli", "ingest", "--follow", "--direct", "--table", "access_logs", log];
    const child = spawn(process.execPath, args, { env });
    const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, exit, output: Promise.all([text(child.stdout), text(child.stderr)]) };
  };
  const writing = write();
  for (const more of [50, 300]) {
    const { child, exit } = command();
    const rows = (await stored()).length;
    await untilRows(rows + more);
    isFollowed = true;
    child.kill("SIGKILL");
    await exit;
  }
  isWriting = false;
  await writing;
  const { child, exit, output } = command();
  await untilRows(sent.length);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  const [stdout] = await output;
  expect(JSON.parse(stdout)).toMatchObject({ rejected: 0, failed: 0 });
  expect((await stored()).toSorted()).toEqual(sent.toSorted());
});
