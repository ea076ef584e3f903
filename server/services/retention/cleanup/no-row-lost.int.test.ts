import { rename } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { CLEANUP_STEPS, type CleanupStep } from "@/server/services/tables/maintenance/steps";
import { archivedVersions, cleanupParams, jobRun, tableVersions } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { withoutColumnarEngine } from "@/server/testing/failing-engine";
import { convertArchives } from "../archives/convert";
import { verifyArchive } from "../archives/verify";
import { runRestore } from "../restore/run-restore";
import { cleanLogTable } from "./clean-log-table";

/** KEEP_RUNS=500 SEED=random tests that many random histories. */
const RUNS = Number(process.env.KEEP_RUNS ?? 8);

const NOW = new Date("2026-11-01T00:00:00Z");
/** Cutoffs within May, June and August, after August, and now. */
const DAYS_TO_KEEP = [170, 140, 78, 50, 0];
const TIMES = ["2026-05", "2026-06", "2026-08"].flatMap((month) =>
  ["02T00:00:00.000001", "14T00:00:00", "28T23:59:59.999999"].map((rest) => `${month}-${rest}Z`),
);
/** The columns that a corrected import may change. */
const CONTENTS = [
  { user_id: null, extra: null },
  { user_id: "", extra: { n: 1 } },
  { user_id: '"a",\r\n\\.', extra: { n: "1" } },
  { user_id: "中文 🚀", response_time: 0, referer: "" },
  { user_id: "中文 🚀", response_time: 0, referer: null },
] as const;

const events = fc.array(fc.record({ key: fc.nat(TIMES.length - 1), content: fc.nat(CONTENTS.length - 1) }), {
  minLength: 1,
  maxLength: 8,
});
type Events = typeof events extends fc.Arbitrary<infer T> ? T : never;

const end = fc.oneof(
  fc.constant({ kind: "completes" } as const),
  fc.record({
    kind: fc.constantFrom("cancelled", "fails", "frozen", "late events"),
    step: fc.constantFrom(...CLEANUP_STEPS),
    count: fc.integer({ min: 1, max: 3 }),
    events,
  }),
);
type End = typeof end extends fc.Arbitrary<infer T> ? T : never;

const action = fc.oneof(
  fc.record({ act: fc.constant("ingest" as const), events }),
  fc.record({
    act: fc.constant("cleanup" as const),
    days: fc.constantFrom(...DAYS_TO_KEEP),
    keepRestored: fc.boolean(),
    end,
    /** Without it, archives are CSV files. */
    hasEngine: fc.boolean(),
    /** A file that is temporarily missing. */
    missing: fc.option(fc.nat(20), { freq: 5 }),
  }),
  fc.record({
    act: fc.constant("convert" as const),
    /** After how many archives it is interrupted. */
    stopsAfter: fc.option(fc.integer({ min: 0, max: 2 })),
  }),
  fc.record({
    act: fc.constant("restore" as const),
    archive: fc.nat(20),
    from: fc.option(fc.constantFrom(...TIMES)),
    to: fc.option(fc.constantFrom(...TIMES)),
  }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Prevents open resources from being closed by garbage collection. */
const neverResumed: unknown[] = [];
let opened: TestContext;
let ctx: Context;
/** A context whose columnar engine does not start. */
let withoutEngine: Context;
/** Every version of every row that was ever in the table. */
let stored: Set<string>;

beforeAll(async () => {
  opened = await createTestContext({ env: { CLEANUP_BATCH_SIZE: "2", MAX_BATCH_SIZE: "500" } });
  ctx = opened.context;
  withoutEngine = await withoutColumnarEngine(ctx);
  await setDatabaseClock(ctx.db.url, NOW);
});
afterAll(() => opened?.close());

async function begin(): Promise<void> {
  await ctx.db.sql`
    truncate access_logs, archives, archive_blocks, restored_periods, cleanup_tallies, restore_tallies, watched_changes`;
  stored = new Set();
}

async function ingest(given: Events): Promise<void> {
  const rows = given.map(({ key, content }) => ({
    id: `00000000-0000-4000-8000-00000000000${key}`,
    created_at: TIMES[key],
    ip_address: "203.0.113.7",
    request_path: "/",
    ...CONTENTS[content],
  }));
  await insertAccessLogs(ctx, rows);
  for (const version of await tableVersions(ctx, "access_logs")) stored.add(version);
}

const archives = () => ctx.db.sql<{ id: string; path: string; state: string; problem: string | null }[]>`
  select id, path, state, problem from archives where state in ('pending', 'removed') order by created_at, id`;

async function pick(index: number) {
  const all = await archives();
  return all.length === 0 ? undefined : all[index % all.length];
}

/** Emulates a process that is stopped forever midway: it does nothing more until its session is terminated. */
async function endFrozenSession(): Promise<void> {
  const end = async () => {
    const { count } = await ctx.db.sql`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database() and application_name like 'batch-console maintenance%'`;
    return count;
  };
  await expect.poll(end).toBe(0);
}

interface Cleanup {
  readonly days: number;
  readonly keepRestored: boolean;
  readonly hasEngine: boolean;
  readonly end: End;
}

async function cleanup({ days, keepRestored, hasEngine, end: how }: Cleanup): Promise<void> {
  const control = new AbortController();
  const before = (await tableVersions(ctx, "access_logs")).length;
  const job = jobRun(cleanupParams({ days_to_keep: days, keep_restored: keepRestored }), { signal: control.signal });
  let left = how.kind === "completes" ? 0 : how.count;
  let late = 0;
  let frozen: () => void = () => {};
  const isFrozen = new Promise<"frozen">((resolve) => {
    frozen = () => resolve("frozen");
  });
  const onStep = async (step: CleanupStep) => {
    if (how.kind === "completes" || step !== how.step || --left !== 0) return;
    if (how.kind === "cancelled") control.abort();
    if (how.kind === "fails") throw new Error("as if the machine ran out of something");
    if (how.kind === "frozen") {
      frozen();
      await new Promise((resolve) => neverResumed.push(resolve));
    }
    // Inside the transaction of a DROP, other statements would wait for it.
    if (how.kind === "late events" && step !== "partition dropped, not committed") {
      const known = (await tableVersions(ctx, "access_logs")).length;
      await ingest(how.events);
      late += (await tableVersions(ctx, "access_logs")).length - known;
    }
  };
  const run = cleanLogTable(hasEngine ? ctx : withoutEngine, "access_logs", job, { dropTimeout: 0, onStep });
  const result = await Promise.race([run, isFrozen]).catch(() => null);
  if (result === "frozen") {
    run.catch(() => {});
    await endFrozenSession();
  } else if (result) {
    const after = (await tableVersions(ctx, "access_logs")).length;
    expect(result.deleted_count).toBe(before + late - after);
  }
}

async function restore({ archive, from, to }: Extract<Action, { act: "restore" }>): Promise<void> {
  const picked = await pick(archive);
  if (!picked) return;
  const period = { ...(from && { start_date: from }), ...(to && { end_date: to }) };
  const before = await tableVersions(ctx, "access_logs");
  const result = await runRestore(ctx, jobRun({ archive_id: picked.id, ...period })).catch((error: unknown) => {
    expect(error).toMatchObject({ kind: expect.stringMatching(/UNPROCESSABLE|CONFLICT/) });
    return null;
  });
  if (!result) return;
  const after = await tableVersions(ctx, "access_logs");
  expect(result.restored_count).toBe(after.length - before.length);
  expect(result.restored_count + result.present_count + (result.different_count ?? 0)).toBe(result.matched_count);
  // Existing data is unchanged.
  expect(after).toEqual(expect.arrayContaining(before));
}

async function convert(stopsAfter: number | null): Promise<void> {
  const stop = new AbortController();
  let left = stopsAfter ?? Number.POSITIVE_INFINITY;
  const countDown = () => {
    if (--left < 0) stop.abort();
  };
  if (left === 0) countDown();
  const converting = convertArchives(ctx, [], { signal: stop.signal, onArchive: countDown });
  await converting.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
}

async function execute(given: Action): Promise<void> {
  if (given.act === "ingest") return await ingest(given.events);
  if (given.act === "restore") return await restore(given);
  if (given.act === "convert") return await convert(given.stopsAfter);
  const missing = given.missing === null ? undefined : await pick(given.missing);
  const file = missing && path.join(ctx.config.dataDir, missing.path);
  if (file) await rename(file, `${file}.moved`);
  await cleanup(given);
  if (!file || !missing) return;
  await rename(`${file}.moved`, file);
  await verifyArchive(ctx, COMMAND_LINE, missing.id);
}

async function expectNothingLost(): Promise<void> {
  const everywhere = new Set([
    ...(await tableVersions(ctx, "access_logs")),
    ...(await archivedVersions(ctx, "access_logs")),
  ]);
  expect([...stored].filter((version) => !everywhere.has(version))).toEqual([]);
  // Nor does any version exist that was never stored.
  expect([...everywhere].filter((version) => !stored.has(version))).toEqual([]);
}

test(
  "after any sequence of intake, corrections, cleanups, interruptions and restores, every version of every row that was ever stored is in the table or in an archive",
  async () => {
    await fc.assert(
      fc
        .asyncProperty(fc.array(action, { minLength: 5, maxLength: 10 }), async (actions) => {
          await ingest([{ key: 0, content: 0 }, ...TIMES.map((_, key) => ({ key, content: key % CONTENTS.length }))]);
          for (const one of actions) {
            await execute(one);
            await expectNothingLost();
          }
          // The last cleanup finds the state that the others left, and finishes.
          await cleanup({ days: 0, keepRestored: false, hasEngine: true, end: { kind: "completes" } });
          await expectNothingLost();
          expect(await tableVersions(ctx, "access_logs")).toEqual([]);
          expect(
            await ctx.db.sql`select 1 from archives where state in ('writing', 'pending') and problem is null`,
          ).toEqual([]);
        })
        .beforeEach(begin),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  60_000 + RUNS * 20_000,
);
