import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { migrateDatabase } from "@/server/db/migrate";
import { openFileStores } from "@/server/files";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { CLEANUP_STEPS, type CleanupStep } from "@/server/services/tables/maintenance/steps";
import {
  archivedIds,
  archivedVersions,
  cleanupParams,
  fillAccessLogs,
  jobRun,
  tableRows,
  tableVersions,
} from "@/server/testing/cleanup";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { programEnvironment } from "@/server/testing/program-environment";
import { cleanLogTable } from "./clean-log-table";

/** FAULT_ROWS=100000 sets the rows per month, FAULT_TIMES=5 stops at each step that often. */
const ROWS = Number(process.env.FAULT_ROWS ?? 300);
const TIMES = Number(process.env.FAULT_TIMES ?? 1);
const TIMEOUT = 60_000 + ROWS * 10;

/** With a retention of 90 days the cutoff is 2026-08-03: May is dropped, August is deleted in part. */
const NOW = new Date("2026-11-01T00:00:00Z");
const MONTHS = ["2026-05", "2026-08"];

let postgres: TestPostgres;
let ctx: Context;
let root: string;
let dataDir: string;
let before: string[];
const running = new Set<ChildProcess>();

beforeAll(async () => {
  // A separate server, because it is stopped midway.
  postgres = await startPostgres();
  await migrateDatabase(postgres.url());
  await setDatabaseClock(postgres.url(), NOW);
  root = await mkdtemp(path.join(tmpdir(), "batch-console-faults-"));
});
afterAll(async () => {
  await postgres?.remove();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  dataDir = path.join(root, randomUUID());
  await mkdir(dataDir);
  const config = loadConfig({ ...environment(), NODE_ENV: "test" });
  const log = pino({ level: "silent" });
  const db = connectDatabase(postgres.url(), { applicationName: "test", max: 3 });
  ctx = {
    config,
    db,
    files: await openFileStores(config, db.sql),
    queue: createLogQueue({ db, log }),
    cache: createCache({ log }),
    columnar: openColumnarEngine(config, log),
    log,
    secret: "",
    now: () => new Date(),
  };
  await ctx.db.sql`truncate access_logs, archives, archive_blocks, restored_periods, cleanup_tallies, watched_changes`;
  await fillAccessLogs(ctx, MONTHS, ROWS);
  before = [...(await tableRows(ctx, "access_logs")).keys()].sort();
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  await Promise.all([ctx.queue.close(), ctx.cache.close(), ctx.columnar.close()]);
  await ctx.db.close();
});

const environment = () => ({
  DATABASE_URL: postgres.url(),
  DATA_DIR: dataDir,
  CLEANUP_BATCH_SIZE: String(Math.max(10, ROWS / 60)),
});

interface Fault {
  /** The step at which it stops; undefined for none. */
  readonly step?: CleanupStep;
  readonly kind?: "kill" | "wait";
  readonly count?: number;
  readonly jobId: string;
  /** Maximum size of a file of the process, in blocks of 512 bytes. */
  readonly limitBlocks?: number;
}

/** Starts a cleanup in a separate process. @returns it, when it has reached the step or ended */
async function startFaulty({ step, kind = "kill", count = 1, jobId, limitBlocks }: Fault) {
  const limited = limitBlocks === undefined ? [] : ["sh", "-c", `ulimit -f ${limitBlocks} && exec "$@"`, "limited"];
  const program = path.join(process.env.PROGRAM_FOLDER ?? "", "cleanup-process.js");
  const [command = "", ...args] = [...limited, process.execPath, program];
  const child = spawn(command, args, {
    env: {
      ...environment(),
      ...programEnvironment(),
      FAULT_STEP: step ?? "",
      FAULT_COUNT: String(count),
      FAULT_KIND: kind,
      JOB_ID: jobId,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  running.add(child);
  let output = "";
  child.stdout.on("data", (text: Buffer) => {
    output += text;
  });
  // Its output can arrive after its exit.
  const ended = once(child, "close").then(() => output);
  await Promise.race([once(child.stdout, "data"), ended]);
  return { reached: () => output.includes("there"), goOn: () => child.stdin.write("\n"), ended };
}

/** Every row is in the table or in a valid archive, and in at most one archive. */
async function expectNothingLost(): Promise<void> {
  const archived = await archivedIds(ctx, "access_logs");
  expect(new Set(archived).size).toBe(archived.length);
  const everywhere = new Set([...(await tableRows(ctx, "access_logs")).keys(), ...archived]);
  expect([...everywhere].sort()).toEqual(before);
}

/** The next run finishes: each row is in the table or in a valid archive, never in both. */
async function expectNextRunRecovers(jobId: string): Promise<void> {
  // PostgreSQL notices a moment later that a killed process has left.
  const sessions = () => ctx.db.sql`
    select pid from pg_stat_activity where application_name = 'batch-console maintenance of access_logs'`;
  await expect.poll(async () => (await sessions()).count).toBe(0);
  const job = jobRun(cleanupParams(), { id: jobId, attempt: 2 });
  const result = await cleanLogTable(ctx, "access_logs", job, { dropTimeout: 10_000 });
  const archived = await archivedIds(ctx, "access_logs");
  const left = [...(await tableRows(ctx, "access_logs")).keys()];
  expect([...left, ...archived].sort()).toEqual(before);
  expect(result).toMatchObject({ deleted_count: archived.length, archived_count: archived.length });
  expect(await ctx.db.sql`select state from archives where state <> 'removed'`).toEqual([]);
  expect((await archiveFiles()).filter((file) => file.endsWith(".partial"))).toEqual([]);
}

async function archiveFiles(): Promise<string[]> {
  const files = await readdir(path.join(dataDir, "archives"), { recursive: true });
  return files.filter((file) => file.includes("."));
}

// The first cleanup has no archive to verify.
const stops = CLEANUP_STEPS.filter((step) => step !== "archive verified").flatMap((step) =>
  Array.from({ length: TIMES }, (_, index) => ({ step, count: index + 1 })),
);

describe("a cleanup that is killed", () => {
  test.each(stops)(
    "at $step (time $count) loses no row, and the next one recovers",
    async ({ step, count }) => {
      const jobId = randomUUID();
      const faulty = await startFaulty({ step, count, jobId });
      await faulty.ended;
      if (count === 1) expect(faulty.reached()).toBe(true);
      await expectNothingLost();
      await expectNextRunRecovers(jobId);
    },
    TIMEOUT,
  );
});

describe("rows that are corrected after a cleanup was killed", () => {
  test(
    "are archived again before they are deleted",
    async () => {
      const jobId = randomUUID();
      await (await startFaulty({ step: "archive complete", count: 2, jobId })).ended;
      const [{ count } = { count: 0 }] = await ctx.db.sql<{ count: number }[]>`
        with corrected as (
          update access_logs set user_id = 'corrected' where created_at < '2026-08-03' returning id
        )
        select count(*)::int as count from corrected`;
      expect(count).toBeGreaterThan(0);
      const versions = new Set([
        ...(await tableVersions(ctx, "access_logs")),
        ...(await archivedVersions(ctx, "access_logs")),
      ]);
      expect(await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams()), {})).toMatchObject({
        deleted_count: count,
        archived_count: count,
      });
      const left = [...(await tableVersions(ctx, "access_logs")), ...(await archivedVersions(ctx, "access_logs"))];
      expect(left.sort()).toEqual([...versions].sort());
    },
    TIMEOUT,
  );
});

describe("a cleanup during which PostgreSQL restarts", () => {
  test.each([
    ["archive half written", "immediate"],
    ["batch deleted, not committed", "fast"],
    ["partition dropped, not committed", "immediate"],
  ] as const)(
    "at %s (%s) loses no row, and the next one recovers",
    async (step, mode) => {
      const jobId = randomUUID();
      const faulty = await startFaulty({ step, kind: "wait", jobId });
      expect(faulty.reached()).toBe(true);
      await postgres.restart(mode);
      faulty.goOn();
      await faulty.ended;
      await expectNothingLost();
      await expectNextRunRecovers(jobId);
    },
    TIMEOUT,
  );
});

describe("an archive that cannot be written", () => {
  test.each([
    ["at its end", 1],
    ["while PostgreSQL still sends rows", 20_000],
  ])(
    "because the disk is full (%s) leaves all rows, no file and no record, and reports the reason; with free space the next one succeeds",
    async (_, more) => {
      await fillAccessLogs(ctx, ["2026-05"], more);
      before = [...(await tableRows(ctx, "access_logs")).keys()].sort();
      const jobId = randomUUID();
      // A real resource limit: no file of this process can exceed 4 KB.
      const { ended } = await startFaulty({ jobId, limitBlocks: 8 });
      expect(JSON.parse(await ended)).toEqual({
        code: "archive.not_written",
        message: expect.stringContaining("The file store is full."),
      });
      await expectNothingDone();
      await expectNextRunRecovers(jobId);
    },
    TIMEOUT,
  );

  test(
    "because its folder is unusable leaves all rows, no file and no record, and reports the folder",
    async () => {
      const folder = path.join(dataDir, "archives");
      await writeFile(folder, "in the way");
      const jobId = randomUUID();
      const failed = cleanLogTable(ctx, "access_logs", jobRun(cleanupParams(), { id: jobId }), {});
      await expect(failed).rejects.toMatchObject({
        result: { deleted_count: 0 },
        cause: { kind: "UNAVAILABLE", message: expect.stringMatching(/not written.*\(ENOTDIR|EEXIST\)/) },
      });
      await rm(folder);
      await mkdir(folder);
      await expectNothingDone();
      await expectNextRunRecovers(jobId);
    },
    TIMEOUT,
  );

  async function expectNothingDone(): Promise<void> {
    expect([...(await tableRows(ctx, "access_logs")).keys()].sort()).toEqual(before);
    expect(await ctx.db.sql`select 1 from archives`).toEqual([]);
    expect(await archiveFiles()).toEqual([]);
  }
});
