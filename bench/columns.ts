import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { listLogs } from "@/server/services/logs";
import type { LogQuery } from "@/server/services/logs/contract";
import { type BareDuckdb, openBareDuckdb } from "./bare-duckdb";
import { CASE_NUMBER, fillColumns, HITS, NEEDLE } from "./columns-data";
import { engineBytes, engineMemory } from "./engine-usage";
import { describeMachine, median, percentile, print, timed, withBench } from "./harness";
import { DAYS } from "./pages-data";
import { withSegmentCopies } from "./segment-copies";

const ROWS = 1_000_000;
const ROUNDS = 3;
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
/** How many times as many rows as the table has are searched for values that do not occur. */
const HISTORY = 10;
const POSTGRES_SECONDS = 60;
/** Pages requested while nothing else runs. */
const IDLE_PAGES = 300;
const PAGE_EVERY_MS = 15;

interface Case {
  readonly label: string;
  readonly table: LogTableName;
  readonly filter: string;
  /** The same condition for DuckDB on one sorted file. */
  readonly bare: string;
  /** The same condition for PostgreSQL. */
  readonly inPostgres: string;
  /** Seconds at 10 million rows. */
  readonly bar: number;
}

/** A row in which no text column contains `word`. */
const inAnyColumn = (table: LogTableName, word: string) =>
  logTables[table].columns
    .filter(({ type }) => type === "text" || type === "jsonb" || type === "inet")
    .map(({ name }) => `contains(lower(${name}), '${word}')`)
    .join(" or ");

/** The same for PostgreSQL. */
const inAnyTextOfPostgres = (table: LogTableName, word: string) =>
  logTables[table].columns
    .filter(({ type }) => type === "text" || type === "jsonb" || type === "inet")
    .map(({ name }) => `${name}::text ilike '%${word}%'`)
    .join(" or ");

const CASES: readonly Case[] = [
  {
    label: "a word that does not occur",
    table: "access_logs",
    filter: "zzabsentzz",
    bare: inAnyColumn("access_logs", "zzabsentzz"),
    inPostgres: inAnyTextOfPostgres("access_logs", "zzabsentzz"),
    bar: BARS.absentWord,
  },
  {
    label: `first page of a word with ${HITS} rows`,
    table: "access_logs",
    filter: NEEDLE,
    bare: inAnyColumn("access_logs", NEEDLE),
    inPostgres: inAnyTextOfPostgres("access_logs", NEEDLE),
    bar: BARS.word,
  },
  {
    label: "a value of a JSON path",
    table: "user_activities",
    filter: `details."案号":"${CASE_NUMBER}"`,
    bare: `json_extract_string(details, '$."案号"') = '${CASE_NUMBER}'`,
    inPostgres: `details ->> '案号' = '${CASE_NUMBER}'`,
    bar: BARS.member,
  },
  {
    label: "a user who does not occur, with a word",
    table: "access_logs",
    filter: "user_id:absent-user zzabsentzz",
    bare: `user_id = 'absent-user' and (${inAnyColumn("access_logs", "zzabsentzz")})`,
    inPostgres: `user_id = 'absent-user' and (${inAnyTextOfPostgres("access_logs", "zzabsentzz")})`,
    bar: BARS.absentValue,
  },
];

/**
 * Measures searches in columns: each in turn with DuckDB alone over one sorted file of the same rows, once with
 * PostgreSQL alone, pages meanwhile, and values that do not occur over ten times as many rows. `npm run bench -- columns 10000000` sets the number of rows
 * of each table; an optional folder after it keeps the data for the next run.
 */
export async function benchColumns(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`columns: ${rows} rows over ${DAYS} days in each table; ${describeMachine()}`);
  await withBench({ connections: 4, databaseFolder: process.argv[4] }, async ({ ctx, dataDir }) => {
    await fillColumns(ctx, rows);
    await printSizes(ctx);
    const bare = await openBareDuckdb(ctx, dataDir);
    for (const one of CASES) await compare(ctx, bare, one, rows);
    await comparePages(ctx);
    const history = { table: "access_logs", copies: HISTORY - 1, days: DAYS + 1 } as const;
    await withSegmentCopies(ctx, history, () => searchHistory(ctx));
    print(
      `memory of the engine: ${await engineMemory()} (limit ${Math.round(ctx.config.explore.memoryBytes / 2 ** 20)} MB)`,
    );
  });
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

async function compare(ctx: Context, bare: BareDuckdb, one: Case, rows: number) {
  const { label, table, filter, bare: condition, bar } = one;
  const query: LogQuery = { filters: { filter }, page_size: 20, count: "none" };
  const page = () => listLogs(ctx, table, query);
  // Reads the files for the first time.
  await page();
  const alone = () =>
    bare.run(sql`
      select created_at, id from ${bare.rows(table)}
      where ${sql.raw(condition)} order by created_at desc, id desc limit 21`);
  await alone();
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timed(page));
    theirs.push(await alone());
  }
  const before = await engineBytes();
  await page();
  const read = (await engineBytes()) - before;
  const [own, other] = [median(ours), median(theirs)];
  print(
    `  ${label}: ${own.toFixed(2)} s (bar ${bar} at 10 million rows), ${(other / own).toFixed(2)} of the speed of DuckDB ` +
      `alone (${other.toFixed(2)} s, bar ${BARS.bare}), PostgreSQL's own statement ${await postgresTime(ctx, one)}, ` +
      `${(read / 1e6).toFixed(0)} MB read, at ${rows} rows`,
  );
}

/** Runs the search as one statement of PostgreSQL, for a minute at most. */
async function postgresTime({ db }: Context, { table, inPostgres }: Case): Promise<string> {
  const search = async () =>
    await db.sql.begin(async (tx) => {
      await tx.unsafe(`set local statement_timeout = '${POSTGRES_SECONDS}s'`);
      await tx.unsafe(`
        select created_at, id from ${logTables[table].tableName}
        where ${inPostgres} order by created_at desc, id desc limit 21`);
    });
  try {
    return `${(await timed(search)).toFixed(1)} s`;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "57014") return `over ${POSTGRES_SECONDS} s`;
    throw error;
  }
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

/** Searches for values that no row has. */
async function searchHistory(ctx: Context): Promise<void> {
  const [sum] = await ctx.db.sql<{ rows: number; bytes: number }[]>`
    select sum(row_count)::float8 as rows, sum(size_bytes)::float8 as bytes
    from segments where log_table = 'access_logs' and replaced_at is null`;
  for (const filter of ["user_id:absent-user", "zzabsentzz"]) {
    const page = () => listLogs(ctx, "access_logs", { filters: { filter }, page_size: 20, count: "none" });
    // The first reads the files' metadata.
    const first = await timed(page);
    const before = await engineBytes();
    const seconds = await timed(page);
    const share = ((await engineBytes()) - before) / (sum?.bytes ?? Number.NaN);
    print(
      `  ${filter} over ${sum?.rows} rows: ${seconds.toFixed(2)} s, first ${first.toFixed(2)} s (bar ${BARS.absentValue} at ` +
        `100 million rows), ${(100 * share).toFixed(1)} % of the bytes read (bar ${100 * BARS.readShare} %)`,
    );
  }
}
