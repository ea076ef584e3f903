import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { listLogs } from "@/server/services/logs";
import type { LogQuery } from "@/server/services/logs/contract";
import { writeAllSegments } from "@/server/services/segments/write-all";
import { flushValuesIndexes } from "@/server/services/tables";
import { describeMachine, median, percentile, print, timed, withBench } from "./harness";
import { DAYS, fillTable } from "./pages-data";

const ROWS = 1_000_000;
const ROUNDS = 3;
const HITS = 50;
const BARS = {
  absentWord: 1.5,
  word: 0.5,
  member: 0.7,
  absentValue: 3,
  readShare: 0.05,
  bare: 0.7,
  bytes: 80,
  pages: 1.5,
};
/** Pages requested while nothing else runs. */
const IDLE_PAGES = 300;
const PAGE_EVERY_MS = 15;
const NEEDLE = "needle-北京";
const CASE = "（2024）京01民终123号";

interface Case {
  readonly label: string;
  readonly table: LogTableName;
  readonly filter: string;
  /** The same condition for DuckDB on one sorted file. */
  readonly bare: string;
  /** Seconds at 10 million rows. */
  readonly bar: number;
}

/** A row in which no text column contains `word`. */
const inAnyColumn = (table: LogTableName, word: string) =>
  logTables[table].columns
    .filter(({ type }) => type === "text" || type === "jsonb" || type === "inet")
    .map(({ name }) => `contains(lower(${name}), '${word}')`)
    .join(" or ");

const CASES: readonly Case[] = [
  {
    label: "a word that does not occur",
    table: "access_logs",
    filter: "zzabsentzz",
    bare: inAnyColumn("access_logs", "zzabsentzz"),
    bar: BARS.absentWord,
  },
  {
    label: `first page of a word with ${HITS} rows`,
    table: "access_logs",
    filter: NEEDLE,
    bare: inAnyColumn("access_logs", NEEDLE),
    bar: BARS.word,
  },
  {
    label: "a value of a JSON path",
    table: "user_activities",
    filter: `details."案号":"${CASE}"`,
    bare: `json_extract_string(details, '$."案号"') = '${CASE}'`,
    bar: BARS.member,
  },
  {
    label: "a user who does not occur, with a word",
    table: "access_logs",
    filter: "user_id:absent-user zzabsentzz",
    bare: `user_id = 'absent-user' and (${inAnyColumn("access_logs", "zzabsentzz")})`,
    bar: BARS.absentValue,
  },
];

/**
 * Measures searches in columns: each in turn with DuckDB alone over one sorted file of the same rows, once with
 * PostgreSQL alone, and pages meanwhile. `npm run bench -- columns 10000000` sets the number of rows of each table; an
 * optional folder after it keeps PostgreSQL's data for the next run.
 */
export async function benchColumns(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`columns: ${rows} rows over ${DAYS} days in each table; ${describeMachine()}`);
  await withBench({ connections: 4, databaseFolder: process.argv[4] }, async ({ ctx, dataDir }) => {
    for (const table of ["access_logs", "user_activities"] as const) {
      await fillTable(ctx, table, rows);
      await plant(ctx, table);
      await flushValuesIndexes(ctx);
    }
    // Files of an earlier run were in another folder.
    await ctx.db.sql`truncate segments, segment_layouts cascade`;
    const seconds = await timed(() => writeAllSegments(ctx));
    print(`segments of ${2 * rows} rows written in ${seconds.toFixed(0)} s`);
    await printSizes(ctx);
    const bare = await openBare(ctx, dataDir);
    for (const one of CASES) await compare(ctx, bare, one, rows);
    await comparePages(ctx);
    print(
      `memory of the engine: ${await engineMemory()} (limit ${Math.round(ctx.config.explore.memoryBytes / 2 ** 20)} MB)`,
    );
  });
}

/** Gives some rows, evenly distributed over time, a value that no other row has. */
async function plant({ db }: Context, table: LogTableName): Promise<void> {
  const { tableName } = logTables[table];
  const change =
    table === "access_logs"
      ? `user_agent = 'Mozilla/5.0 (${NEEDLE})'`
      : `details = jsonb_build_object('案号', '${CASE}', 'amount', 1.10)`;
  await db.sql.unsafe(`
    update ${tableName} as log set ${change}
    from (
      select planted.created_at, planted.id
      from (select min(created_at) as first, max(created_at) as last from ${tableName}) as ends,
        generate_series(0, ${HITS - 1}) as n,
        lateral (
          select created_at, id from ${tableName}
          where created_at >= first + (last - first) * n / ${HITS} order by created_at, id limit 1
        ) as planted
    ) as chosen
    where log.created_at = chosen.created_at and log.id = chosen.id`);
}

async function printSizes({ db }: Context): Promise<void> {
  const sizes = await db.sql<{ log_table: string; bytes: number }[]>`
    select log_table, sum(size_bytes)::float8 / sum(row_count)::float8 as bytes
    from segments where replaced_at is null group by log_table order by log_table`;
  for (const { log_table, bytes } of sizes)
    print(`  ${log_table}: ${bytes.toFixed(1)} bytes per row (bar ${BARS.bytes})`);
  const [blocks] = await db.sql<{ bytes: number }[]>`
    select pg_total_relation_size('segment_blocks')::float8 / (select sum(row_count) from segments)::float8 as bytes`;
  print(`  blocks of both in PostgreSQL: ${blocks?.bytes.toFixed(1)} bytes per row`);
}

type Bare = (table: LogTableName, condition: string) => Promise<number>;

/** Opens DuckDB in this process, with the engine's limits, on one sorted file of each table. */
async function openBare({ config, db }: Context, dataDir: string): Promise<Bare> {
  const { memoryBytes, threads } = config.explore;
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${memoryBytes}B`,
    threads: String(threads),
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  const file = (table: LogTableName) => path.join(dataDir, `${table}.parquet`);
  for (const table of ["access_logs", "user_activities"] as const) {
    const segments = await db.sql<{ path: string }[]>`
      select path from segments where log_table = ${table} and replaced_at is null order by starts_at`;
    const list = segments.map((segment) => `'${path.join(dataDir, segment.path)}'`).join(", ");
    await connection.run(`
      copy (select * from read_parquet([${list}])) to '${file(table)}' (format parquet, compression zstd)`);
  }
  return async (table, condition) =>
    await timed(() =>
      connection.runAndReadAll(`
        select created_at, id from read_parquet('${file(table)}')
        where ${condition} order by created_at desc, id desc limit 21`),
    );
}

async function compare(ctx: Context, bare: Bare, { label, table, filter, bare: condition, bar }: Case, rows: number) {
  const query: LogQuery = { filters: { filter }, page_size: 20, count: "none" };
  const page = () => listLogs(ctx, table, query);
  // Reads the files for the first time.
  await page();
  await bare(table, condition);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timed(page));
    theirs.push(await bare(table, condition));
  }
  const before = await engineBytes();
  await page();
  const read = (await engineBytes()) - before;
  const [own, other] = [median(ours), median(theirs)];
  print(
    `  ${label}: ${own.toFixed(2)} s (bar ${bar} at 10 million rows), ${(other / own).toFixed(2)} of the speed of DuckDB ` +
      `alone (${other.toFixed(2)} s, bar ${BARS.bare}), ${(read / 1e6).toFixed(0)} MB read, at ${rows} rows`,
  );
}

/** Measures pages while a search runs all the time, compared with pages alone. */
async function comparePages(ctx: Context): Promise<void> {
  const idle = await pageTimes(ctx, (pages) => pages >= IDLE_PAGES);
  let isOver = false;
  const searching = (async () => {
    while (!isOver) await listLogs(ctx, "access_logs", { filters: { filter: "zzabsentzz" }, count: "none" });
  })();
  const beside = await pageTimes(ctx, (pages) => pages >= IDLE_PAGES);
  isOver = true;
  await searching;
  const ratio = percentile(beside, 0.95) / percentile(idle, 0.95);
  print(
    `  pages beside searches: p95 ${percentile(beside, 0.95).toFixed(1)} ms, ${percentile(idle, 0.95).toFixed(1)} ms idle: ` +
      `${ratio.toFixed(2)} times (bar ${BARS.pages})`,
  );
}

/** Returns the milliseconds per page, for random times. */
async function pageTimes(ctx: Context, isEnough: (pages: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (!isEnough(times.length)) {
    const at = new Date(Date.now() - Math.random() * DAYS * 86_400_000).toISOString();
    times.push(1_000 * (await timed(() => listLogs(ctx, "access_logs", { page_size: 50, count: "none", at }))));
    await sleep(PAGE_EVERY_MS);
  }
  return times;
}

/** Returns the bytes that the engine has read from files, cached or not. */
async function engineBytes(): Promise<number> {
  const [io] = await engineFiles("io");
  return Number(/rchar: (\d+)/.exec(io ?? "")?.[1] ?? Number.NaN);
}

async function engineMemory(): Promise<string> {
  const [status] = await engineFiles("status");
  return /VmHWM:\s*(\d+ kB)/.exec(status ?? "")?.[1] ?? "unknown";
}

/** Returns a file of /proc of each engine that this process started. */
async function engineFiles(name: "io" | "status"): Promise<string[]> {
  const files: string[] = [];
  for (const pid of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const [command, status] = await Promise.all(
      ["cmdline", "status"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    const isOurs = new RegExp(`^PPid:\\s*${process.pid}$`, "m").test(status ?? "");
    if (isOurs && command?.split("\0").includes("explore")) files.push(await readFile(`/proc/${pid}/${name}`, "utf8"));
  }
  return files;
}
