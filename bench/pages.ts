import { type LogTableName, logTables } from "@/server/catalog";
import { DEMO_TABLES } from "@/server/demo/traffic";
import type { Context } from "@/server/process/context";
import { listLogs } from "@/server/services/logs";
import type { LogQuery } from "@/server/services/logs/contract";
import { flushValuesIndexes } from "@/server/services/tables";
import { describeMachine, median, print, residentMb, timed, withBench } from "./harness";
import { DAYS, fillTable, plantedValues } from "./pages-data";

const ROWS = 1_000_000;
const REPETITIONS = 31;
/** Warms up caches, prepared statements and V8's compiler, as in a running server. */
const WARM_UPS = 20;
const BARS = { depth: 1.5, bare: 3, filter: 5 };
const DAY_MS = 86_400_000;

/**
 * Measures pages of both log tables by cursor at any depth and by every filter, each alternating with the plain keyset
 * page so that noise affects both. `npm run bench -- pages 10000000` sets the number of rows; an optional folder after
 * it keeps the data for the next run.
 */
export async function benchPages(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  const databaseFolder = process.argv[4];
  print(`pages: ${rows} rows over ${DAYS} days in each table; ${describeMachine()}`);
  await withBench({ connections: 2, databaseFolder }, async ({ ctx }) => {
    for (const name of DEMO_TABLES) {
      let isFilled = true;
      const seconds = await timed(async () => {
        isFilled = await fillTable(ctx, name, rows);
      });
      // As a worker does every minute.
      await flushValuesIndexes(ctx);
      print(`${name}: ${isFilled ? `filled in ${Math.round(seconds)} s` : "filled by an earlier run"}`);
      await measurePages(ctx, name, rows);
    }
    print(`memory: this process ${residentMb()} MB, its prepared statements ${await preparedMemory(ctx)}`);
  });
}

/** Prints the duration of pages of a filled table compared to the limits. */
async function measurePages(ctx: Context, table: LogTableName, rows: number): Promise<void> {
  const bare = bareStatement(table);
  const beside = async (label: string, query: LogQuery, bar: number | undefined) => {
    const ratio = await besideBare(ctx, bare, () => listLogs(ctx, table, { ...query, count: "none" }));
    print(`  ${label.padEnd(52)} ${verdict(ratio, bar)}`);
    return ratio.ratio;
  };
  const { newest, oldest } = await ends(ctx, table);
  const timeAt = (depth: number) => new Date(newest - depth * (newest - oldest)).toISOString();

  const cursorAt = async (depth: number) =>
    (await listLogs(ctx, table, { at: timeAt(depth) })).next_cursor ?? undefined;
  const depths: [string, LogQuery][] = [
    ["first page", {}],
    ["by cursor at 50 %", { cursor: await cursorAt(0.5) }],
    ["by cursor at 99 %", { cursor: await cursorAt(0.99) }],
  ];
  const tasks = depths.map(
    ([, query]) =>
      () =>
        listLogs(ctx, table, { ...query, count: "none" }),
  );
  const [bareMs = 0, ...ms] = await inTurn([() => ctx.db.sql.unsafe(bare), ...tasks]);
  for (const [index, [label]] of depths.entries()) {
    print(`  ${label.padEnd(52)} ${verdict(ratioOf(bareMs, ms[index] ?? 0), BARS.bare)}`);
  }
  const spread = Math.max(...ms) / Math.min(...ms);
  print(`  depths: slowest ${spread.toFixed(2)} of the fastest (bar ${BARS.depth}) ${met(spread <= BARS.depth)}`);
  const back = (await listLogs(ctx, table, { at: timeAt(0.5) })).prev_cursor ?? undefined;
  await beside("back by cursor at 50 %", { cursor: back }, BARS.bare);
  for (const depth of [0, 0.5, 0.99]) {
    const offset = Math.floor(rows * depth);
    const ratio = await besideBare(
      ctx,
      bare,
      () => ctx.db.sql.unsafe(`${bare} offset ${offset}`),
      depth === 0 ? REPETITIONS : 1,
    );
    print(`  ${`by OFFSET at ${depth * 100} %`.padEnd(52)} ${verdict(ratio)}`);
  }

  const slow: string[] = [];
  const cases = await filterCases(ctx, table);
  const pages = cases.map((filters) => () => listLogs(ctx, table, { filters, count: "none" }));
  for (const [index, ratio] of (await eachBesideBare(ctx, bare, pages)).entries()) {
    const label = JSON.stringify(cases[index]);
    print(`  ${label.padEnd(52)} ${verdict(ratio, BARS.filter)}`);
    if (ratio.ratio > BARS.filter) slow.push(label);
  }
  print(
    `  single filters: ${cases.length - slow.length} of ${cases.length} within ${BARS.filter} of bare ${met(slow.length === 0)} ${slow.join(" ")}`,
  );
  print("  for information:");
  const [one = {}, other = {}] = cases.filter((filters) => Object.values(filters)[0] === "bench-mid");
  await beside("two of one row in a thousand", { filters: { ...one, ...other } }, undefined);
  await beside(
    "one row in a thousand, within a week long ago",
    { filters: one, start_date: timeAt(0.8), end_date: new Date(Date.parse(timeAt(0.8)) + 7 * DAY_MS).toISOString() },
    undefined,
  );
  const middle = (await listLogs(ctx, table, { at: timeAt(0.5), filters: one })).next_cursor ?? undefined;
  await beside("one row in a thousand, by cursor at 50 %", { filters: one, cursor: middle }, undefined);
  for (const column of logTables[table].columns.filter(({ filter }) => filter === "exact")) {
    await beside(`not ${column.name}`, { filters: { [`not_${column.name}`]: plantedValues(column).mid } }, undefined);
  }
}

/**
 * Returns each filter with a common value, a value in one of a thousand rows, one in about twenty rows, and an absent
 * one.
 */
export async function filterCases(ctx: Context, table: LogTableName): Promise<Record<string, string>[]> {
  const cases: Record<string, string>[] = [];
  for (const column of logTables[table].columns) {
    const { name, filter } = column;
    if (!filter) continue;
    const { mid, rare, absent } = plantedValues(column);
    if (filter === "range") {
      cases.push(...["10", mid, rare, absent].map((value) => ({ [`min_${name}`]: value })));
      cases.push(...["1000", "3", "0"].map((value) => ({ [`max_${name}`]: value })));
      continue;
    }
    const common = await commonValue(ctx, table, name);
    cases.push(...[common, mid, rare, absent].map((value) => ({ [name]: value })));
    const wide = (value: string) => value.replace(/[^/.]*$/, filter === "network" ? "0/24" : "*");
    if (filter === "network" || filter === "prefix") {
      cases.push(...[common, mid, rare, absent].map((value) => ({ [name]: wide(value) })));
    }
    if (filter === "status")
      cases.push(...["2xx", "5xx", "8xx", "7xx", "451,818", "718,719"].map((value) => ({ [name]: value })));
  }
  return cases;
}

async function commonValue(ctx: Context, table: LogTableName, column: string): Promise<string> {
  const [row] = await ctx.db.sql.unsafe<{ value: string }[]>(`
    select ${column === "ip_address" && table === "access_logs" ? `host(${column})` : `${column}::text`} as value
    from (select * from ${logTables[table].tableName} order by created_at desc, id desc limit 10000) as newest
    where ${column} is not null
    group by ${column}
    order by count(*) desc
    limit 1`);
  return row?.value ?? "";
}

export async function ends(ctx: Context, table: LogTableName): Promise<{ newest: number; oldest: number }> {
  const [row] = await ctx.db.sql.unsafe<{ newest: string; oldest: string }[]>(
    `select max(created_at) as newest, min(created_at) as oldest from ${logTables[table].tableName}`,
  );
  return { newest: Date.parse(row?.newest ?? ""), oldest: Date.parse(row?.oldest ?? "") };
}

function bareStatement(table: LogTableName): string {
  const { tableName, columns } = logTables[table];
  return `select ${columns.map(({ name }) => name).join(", ")} from ${tableName} order by created_at desc, id desc limit 21`;
}

interface Beside {
  readonly bareMs: number;
  readonly ms: number;
  readonly ratio: number;
}

async function besideBare(
  ctx: Context,
  bare: string,
  work: () => Promise<unknown>,
  repetitions = REPETITIONS,
): Promise<Beside> {
  const [bareMs = 0, ms = 0] = await inTurn([() => ctx.db.sql.unsafe(bare), work], repetitions);
  return ratioOf(bareMs, ms);
}

/** Like besideBare, but each round runs all of them, so that noise affects all equally. */
async function eachBesideBare(
  ctx: Context,
  bare: string,
  tasks: readonly (() => Promise<unknown>)[],
): Promise<Beside[]> {
  const times = await inTurn(tasks.flatMap((work) => [() => ctx.db.sql.unsafe(bare), work]));
  return tasks.map((_, index) => ratioOf(times[2 * index] ?? 0, times[2 * index + 1] ?? 0));
}

function ratioOf(bareMs: number, ms: number): Beside {
  return { bareMs, ms, ratio: ms / bareMs };
}

/** Returns the median milliseconds of each, run alternately so that noise affects all. */
export async function inTurn(tasks: readonly (() => Promise<unknown>)[], repetitions = REPETITIONS): Promise<number[]> {
  const times: number[][] = tasks.map(() => []);
  const warmUps = repetitions === 1 ? 0 : WARM_UPS;
  for (let round = 0; round < repetitions + warmUps; round++) {
    for (const [index, work] of tasks.entries()) {
      const seconds = await timed(work);
      if (round >= warmUps) times[index]?.push(1000 * seconds);
    }
  }
  return times.map(median);
}

/** Returns the memory of the product's prepared statements in a PostgreSQL connection. */
async function preparedMemory(ctx: Context): Promise<string> {
  const [row] = await ctx.db.read.$client<{ plans: number; kb: number }[]>`
    select
      count(*) filter (where name = 'CachedPlan')::int as plans,
      (sum(total_bytes) / 1024)::int as kb
    from pg_backend_memory_contexts
    where name like 'CachedPlan%'`;
  return `${row?.plans} plans of ${row?.kb} kB in a connection`;
}

function verdict({ bareMs, ms, ratio }: Beside, bar?: number): string {
  const figures = `${ratio.toFixed(2)} of bare (${ms.toFixed(2)} ms, bare ${bareMs.toFixed(2)})`;
  return bar === undefined ? figures : `${figures} ${met(ratio <= bar)}`;
}

export function met(isMet: boolean): string {
  return isMet ? "met" : "MISSED";
}
