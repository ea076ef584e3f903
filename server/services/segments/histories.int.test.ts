import { rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { runUndo } from "@/server/services/imports";
import { insertAccessLogs } from "@/server/services/intake";
import { takeDirtyHours } from "@/server/services/overview";
import { runCleanup, runRestore } from "@/server/services/retention";
import { cleanupParams, jobRun } from "@/server/testing/cleanup";
import { setUpContext } from "@/server/testing/context";
import { takeIn } from "@/server/testing/intake";
import "@/server/testing/property-seed";
import { coveredRows } from "@/server/testing/segments";
import { expectAnswers, type Question, type StoredRow, storedRows } from "@/server/testing/stored-answers";
import { writeAllSegments } from "./write-all";

/** SEGMENT_RUNS=1000 SEED=random tests that many random histories. */
const RUNS = Number(process.env.SEGMENT_RUNS ?? 2);

let ctx: Context;
setUpContext(
  (context) => {
    ctx = context;
  },
  { env: { CLEANUP_BATCH_SIZE: "20" } },
);

const HOUR_MS = 3_600_000;
const TODAY = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS;
/** Rows are in the first five hours of these days, counted back from today: some in one month, some in others. */
const DAYS = [1, 2, 40, 41, 75] as const;

const place = fc.record({ day: fc.constantFrom(...DAYS), hour: fc.nat(4), minute: fc.nat(59), user: fc.nat(3) });
type Place = typeof place extends fc.Arbitrary<infer Value> ? Value : never;

const eventAt = ({ day, hour, minute, user }: Place) => ({
  ip_address: user === 0 ? "2001:db8::7" : "203.0.113.7",
  request_path: `/cases/${minute}`,
  ...(user > 1 && { user_id: `user ${user}`, extra: { 案号: "民终123号", amount: 1.1, text: 'a\n"b"' } }),
  created_at: new Date(TODAY - day * 24 * HOUR_MS + hour * HOUR_MS + minute * 60_000 + user).toISOString(),
});

const intake = fc.record({
  kind: fc.constant("intake" as const),
  places: fc.array(place, { minLength: 1, maxLength: 30 }),
});

const cleanup = fc.record({
  kind: fc.constant("cleanup" as const),
  days: fc.constantFrom(39, 74),
  archive: fc.constantFrom(true, true, false),
});

const operation = fc.oneof(
  { arbitrary: intake, weight: 2 },
  { arbitrary: cleanup, weight: 2 },
  fc.record({ kind: fc.constant("import" as const), places: fc.array(place, { minLength: 1, maxLength: 30 }) }),
  fc.record({ kind: fc.constant("undo" as const) }),
  fc.record({ kind: fc.constant("restore" as const) }),
  fc.record({ kind: fc.constant("take marks" as const), zone: fc.constantFrom("Asia/Kathmandu", "Europe/Berlin") }),
  fc.record({ kind: fc.constant("write" as const) }),
  fc.record({
    kind: fc.constant("killed write" as const),
    steps: fc.nat(8),
    places: fc.array(place, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("damage" as const), how: fc.constantFrom("truncate", "change", "remove") }),
);
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

/** The commands that may be refused in a state, such as a restore of rows that are there. */
const ignoreRefusal = (error: unknown) => {
  if (!(error instanceof AppError)) throw error;
};

const at = (day: (typeof DAYS)[number]): Place => ({ day, hour: 0, minute: 0, user: 0 });
const clean: Operation = { kind: "cleanup", days: 39, archive: true };

/** Histories with faults of earlier versions. */
const FOUND: [Operation[]][] = [
  // An archived row was newer than all rows of the table.
  [[{ kind: "intake", places: [at(41)] }, clean, { kind: "intake", places: [at(75)] }]],
  // The table had no rows in the hours that are read from it.
  [
    [
      { kind: "intake", places: [at(40), at(41), at(1)] },
      clean,
      { kind: "intake", places: [at(41)] },
      clean,
      { kind: "take marks", zone: "Asia/Kathmandu" },
      { kind: "import", places: [at(40), at(1)] },
    ],
  ],
];

/** Questions to ask in turn. */
const QUESTIONS: readonly Question[] = [
  { filters: {}, matches: () => true },
  { filters: { filter: "民终123号" }, matches: ({ extra }) => extra !== null },
  { filters: { user_id: "user 2" }, matches: ({ user_id }) => user_id === "user 2" },
  { filters: { filter: "request_path:/cases/1*" }, matches: (row) => row.request_path.startsWith("/cases/1") },
  { filters: { ip_address: "2001:db8::/32" }, matches: (row) => row.ip_address === "2001:db8::7" },
  {
    filters: { filter: "extra.amount:1.1 not request_path:/cases/7" },
    matches: ({ extra, request_path }) => extra !== null && request_path !== "/cases/7",
  },
];

/** What a history left besides the table. */
interface Past {
  readonly imports: number[];
  /** Archived rows by key, each as it was archived last. */
  readonly archived: Map<string, StoredRow>;
}

async function run(done: Operation, { imports, archived }: Past): Promise<void> {
  const { sql } = ctx.db;
  if (done.kind === "intake") await insertAccessLogs(ctx, done.places.map(eventAt));
  if (done.kind === "import") {
    const text = done.places.map((one) => JSON.stringify(eventAt(one))).join("\n");
    const { import_id } = await takeIn(ctx, "access_logs", text, { format: "ndjson", fileName: "some.log" });
    if (import_id !== null) imports.push(import_id);
  }
  if (done.kind === "undo") {
    const import_id = imports.pop();
    if (import_id !== undefined) await runUndo(ctx, jobRun({ import_id, table: "access_logs" as const }));
  }
  if (done.kind === "cleanup") {
    const before = await storedRows(ctx);
    await runCleanup(ctx, jobRun(cleanupParams({ days_to_keep: done.days, archive: done.archive })));
    const kept = await storedRows(ctx);
    if (done.archive) for (const [key, row] of before) if (!kept.has(key)) archived.set(key, row);
  }
  if (done.kind === "restore") {
    const [archive] = await sql<{ id: string }[]>`
      select id from archives where state = 'removed' order by removed_at desc limit 1`;
    if (archive) await runRestore(ctx, jobRun({ archive_id: archive.id })).catch(ignoreRefusal);
  }
  if (done.kind === "take marks") await takeDirtyHours({ ...ctx, config: { ...ctx.config, timeZone: done.zone } });
  if (done.kind === "write") await writeAllSegments(ctx);
  if (done.kind === "killed write") await killedWrite(done.steps, done.places);
  if (done.kind === "damage") await damage(done.how);
}

async function killedWrite(steps: number, places: readonly Place[]): Promise<void> {
  let left = steps;
  const step = async () => {
    if (places.length > 0) await insertAccessLogs(ctx, places.map(eventAt));
    if (left-- === 0) throw new Error("killed");
  };
  await writeAllSegments(ctx, { step }).catch((error: Error) => {
    if (error.message !== "killed") throw error;
  });
}

async function damage(how: string): Promise<void> {
  const [segment] = await ctx.db.sql<{ path: string }[]>`
    select path from segments where replaced_at is null order by path limit 1`;
  if (!segment) return;
  const file = path.join(ctx.config.dataDir, segment.path);
  if (how === "remove") await rm(file, { force: true });
  if (how === "truncate") await truncate(file, 50).catch(() => {});
  if (how === "change") await writeFile(file, Buffer.alloc(4), { flag: "r+" }).catch(() => {});
}

/** The rows of the table in segments and dirty hours are those in PostgreSQL. @returns the hours to read from it */
async function expectCovered() {
  const { rows, expected, coverage } = await coveredRows(ctx, "access_logs");
  expect(rows).toEqual(expected);
  return coverage.dirty;
}

async function expectAnswer({ archived }: Past, step: number): Promise<void> {
  const stored = new Map([...archived, ...(await storedRows(ctx))]);
  const question = QUESTIONS[step % QUESTIONS.length];
  if (question) await expectAnswers(ctx, question, [...stored.values()]);
}

test(
  "After each step of a history, segments and dirty hours together have exactly the rows of the table, and answers \
those of the table and of archives",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 8, maxLength: 14 }), async (history) => {
        await ctx.db.sql`
          truncate access_logs, segments, segment_hours, segment_blocks, segment_layouts, dirty_ranges, archives, archive_blocks, restored_periods,
          imports, import_tallies, cleanup_tallies, watched_changes`;
        const past: Past = { imports: [], archived: new Map() };
        for (const [step, done] of history.entries()) {
          await run(done, past);
          await expectCovered();
          await expectAnswer(past, step);
        }
        await writeAllSegments(ctx);
        // A file that was damaged after it was verified is found by the read.
        if ((await expectCovered()).length > 0) await writeAllSegments(ctx);
        expect(await expectCovered()).toEqual([]);
        for (const step of QUESTIONS.keys()) await expectAnswer(past, step);
      }),
      { numRuns: RUNS + FOUND.length, examples: FOUND },
    );
  },
  60_000 + RUNS * 20_000,
);
