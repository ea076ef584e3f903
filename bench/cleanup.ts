import { createWriteStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { logTables } from "@/server/catalog";
import { ensurePartitions } from "@/server/db/partitions";
import { generateAccessLogEvents } from "@/server/demo/traffic";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { prepareBatch } from "@/server/services/intake/events/prepare";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import type { CleanupStep } from "@/server/services/tables/maintenance/steps";
import { cleanupParams, jobRun } from "@/server/testing/cleanup";
import { setDatabaseClock } from "@/server/testing/database-clock";
import {
  copyBlocks,
  describeMachine,
  percentile,
  perSecond,
  print,
  reset,
  residentMb,
  timeCopy,
  timed,
  withBench,
} from "./harness";

const ROWS = 300_000;
const INTAKE_BATCH = 500;
const INTAKE_PAUSE_MS = 20;
const IDLE_BATCHES = 300;

const ORIGIN = { receivedAt: "2026-01-01T00:00:00.000000Z", source: "bench", format: "json", rules: NO_RULES } as const;
/** All rows are in the first 20 days of a month, so on its 25th the partition cannot be dropped. */
const MONTH = "2026-03";
const IN_PART = new Date("2026-03-25T00:00:00Z");
const AS_WHOLE = new Date("2026-04-02T00:00:00Z");

/**
 * Compares batched deletion with a plain DELETE of the same rows, and archiving with a plain COPY to a file. Also
 * measures the effect on intake and readers, and the time to drop a partition. `npm run bench -- cleanup 1000000` sets
 * the number of rows.
 */
export async function benchCleanup(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`cleanup: ${rows} generated access logs over 20 days; ${describeMachine()}`);
  const start = new Date(`${MONTH}-01T00:00:00Z`);
  const end = new Date(`${MONTH}-20T00:00:00Z`);
  await withBench({ connections: 6 }, async ({ ctx, dataDir }) => {
    const blocks: Buffer[] = [];
    for (const chunk of chunks(generateAccessLogEvents(rows, { seed: 1, start, end }), 10_000)) {
      const incoming = chunk.map((event) => ({ event, raw: "", fallbackId: "" }));
      blocks.push(...copyBlocks((await prepareBatch(ctx, "access_logs", incoming, ORIGIN)).rows));
    }
    const fill = async (share = 1) => {
      await ensurePartitions(ctx.db.ddl.access_logs, "access_logs", [MONTH]);
      await reset(ctx.db.sql, "access_logs");
      await timeCopy(ctx.db.sql, "access_logs", blocks.slice(0, Math.ceil(blocks.length * share)));
      await ctx.db.sql.unsafe("vacuum (analyze) access_logs");
      await ctx.db.sql.unsafe("checkpoint");
    };
    await benchDelete(ctx, rows, fill);
    await benchArchive(ctx, rows, fill, path.join(dataDir, "copy.csv"));
    await benchDrop(ctx, rows, fill);
    await benchBesideIntake(ctx, fill);
  });
}

async function benchDelete(ctx: Context, rows: number, fill: () => Promise<void>): Promise<void> {
  await fill();
  const bare = await timed(() => ctx.db.sql`delete from access_logs where created_at < ${IN_PART.toISOString()}`);
  await fill();
  const batched = await timed(() => clean(ctx, IN_PART, { archive: false }));
  await fill();
  let began = 0;
  let ended = 0;
  await clean(ctx, IN_PART, { archive: true }, (step) => {
    if (step === "archive complete") began = performance.now();
    if (step === "archive removed") ended = performance.now();
  });
  const byKey = (ended - began) / 1000;
  print(
    `  one plain DELETE ${perSecond(rows, bare)}; in batches of ${ctx.config.cleanupBatchSize} ${perSecond(rows, batched)}, ` +
      `ratio ${(bare / batched).toFixed(2)}; by the archive's keys ${perSecond(rows, byKey)}, ratio ${(bare / byKey).toFixed(2)}`,
  );
}

async function benchArchive(ctx: Context, rows: number, fill: () => Promise<void>, file: string): Promise<void> {
  await fill();
  const { tableName, columns } = logTables.access_logs;
  const names = columns.map((column) => column.name).join(", ");
  const copy = await timed(async () => {
    const text = await ctx.db.sql
      .unsafe(`copy (select ${names} from ${tableName}) to stdout with (format csv)`)
      .readable();
    // In blocks, like psql's \copy.
    await pipeline(text, createWriteStream(file, { highWaterMark: 256 * 1024 }));
  });
  const at = new Map<CleanupStep, number>();
  await clean(ctx, AS_WHOLE, { archive: true }, (step) => at.set(step, performance.now()));
  const seconds = (from: CleanupStep, to: CleanupStep) => ((at.get(to) ?? 0) - (at.get(from) ?? 0)) / 1000;
  const archiving = seconds("watched", "archive complete");
  print(
    `  plain COPY to a file ${perSecond(rows, copy)}; archive, synced and read back ${perSecond(rows, archiving)}, ` +
      `ratio ${(copy / archiving).toFixed(2)} (written ${seconds("archive recorded", "archive written").toFixed(1)} s, ` +
      `read back ${seconds("archive written", "archive read back").toFixed(1)} s), memory ${residentMb()} MB`,
  );
}

/** Drops a partition with all rows and one with a tenth of them while the table is read and its locks are monitored. */
async function benchDrop(ctx: Context, rows: number, fill: (share?: number) => Promise<void>): Promise<void> {
  for (const share of [0.1, 1]) {
    await fill(share);
    let began = 0;
    let ended = 0;
    const readers = watchReaders(ctx);
    const locks = watchLocks(ctx);
    await clean(ctx, AS_WHOLE, { archive: true }, (step) => {
      if (step === "archive complete") began = performance.now();
      if (step === "partition drop committed") ended = performance.now();
    });
    const waited = await readers.stop();
    print(
      `  month of ${Math.round(rows * share)} rows dropped in ${(ended - began).toFixed(0)} ms (bar 1000 ms); ` +
        `a reader took ${waited.toFixed(0)} ms at most, the longest wait for a lock was ${await locks.stop()} ms (bar 1000 ms)`,
    );
  }
}

async function benchBesideIntake(ctx: Context, fill: () => Promise<void>): Promise<void> {
  await fill();
  const now = new Date();
  const events = generateAccessLogEvents(10_000_000, { seed: 2, start: new Date(now.getTime() - 3_600_000), end: now });
  const batch = async () => {
    const taken = Array.from({ length: INTAKE_BATCH }, () => events.next().value);
    const took = await timed(() => insertAccessLogs(ctx, taken));
    await new Promise((resolve) => setTimeout(resolve, INTAKE_PAUSE_MS));
    return took * 1000;
  };
  for (let index = 0; index < 30; index++) await batch();
  const idle: number[] = [];
  while (idle.length < IDLE_BATCHES) idle.push(await batch());
  const readers = watchReaders(ctx);
  const locks = watchLocks(ctx);
  const beside: number[] = [];
  let isOver = false;
  const cleaning = clean(ctx, IN_PART, { archive: false }).finally(() => {
    isOver = true;
  });
  while (!isOver) beside.push(await batch());
  await cleaning;
  const longest = await readers.stop();
  const ratio = percentile(beside, 0.99) / percentile(idle, 0.99);
  print(
    `  intake of ${INTAKE_BATCH} rows a batch: median ${percentile(idle, 0.5).toFixed(0)} ms, p99 ${percentile(idle, 0.99).toFixed(0)} ms idle; ` +
      `median ${percentile(beside, 0.5).toFixed(0)} ms, p99 ${percentile(beside, 0.99).toFixed(0)} ms over ${beside.length} batches while deleting, ` +
      `ratio of p99 ${ratio.toFixed(2)} (bar 2); a reader took ${longest.toFixed(0)} ms at most, ` +
      `the longest wait for a lock was ${await locks.stop()} ms (bar 1000 ms)`,
  );
}

async function clean(
  ctx: Context,
  now: Date,
  { archive }: { archive: boolean },
  onStep: (step: CleanupStep) => void = () => {},
): Promise<unknown> {
  const params = cleanupParams({ days_to_keep: 0, archive });
  await setDatabaseClock(ctx.db.url, now);
  return await cleanLogTable(ctx, "access_logs", jobRun(params), { onStep });
}

/** Monitors lock waits. @returns a function that stops it and returns the longest wait in milliseconds */
function watchLocks(ctx: Context): { stop(): Promise<number> } {
  let isOver = false;
  let longest = 0;
  const done = (async () => {
    while (!isOver) {
      const [waits] = await ctx.db.sql<{ ms: number | null }[]>`
        select (max(extract(epoch from clock_timestamp() - waitstart)) * 1000)::float8 as ms
        from pg_locks
        where not granted`;
      longest = Math.max(longest, waits?.ms ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await done;
      return Math.round(longest);
    },
  };
}

/** Reads a row repeatedly. @returns a function that stops it and returns the longest duration in milliseconds */
function watchReaders(ctx: Context): { stop(): Promise<number> } {
  let isOver = false;
  let longest = 0;
  const done = (async () => {
    while (!isOver) {
      const took = await timed(() => ctx.db.sql`select 1 from access_logs order by created_at desc limit 1`);
      longest = Math.max(longest, took * 1000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await done;
      return longest;
    },
  };
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
