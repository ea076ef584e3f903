import { type SQL, sql } from "drizzle-orm";
import { type LogTable, logTables } from "@/server/catalog";
import { instantOf } from "@/server/lib/time";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { explorer } from "@/server/services/explore";
import { type ExploreQuery, exploreQuery, type Measure } from "@/server/services/explore/contract";
import { groupField, numericField } from "@/server/services/explore/fields";
import { type Zone, zoneOf } from "@/server/services/explore/zone";
import { type BareDuckdb, openBareDuckdb } from "./bare-duckdb";
import { fillColumns } from "./columns-data";
import { engineMemory } from "./engine-usage";
import { type BenchQuery, QUERIES, ZONE } from "./explore-queries";
import { describeMachine, median, percentile, print, timed, withBench } from "./harness";
import { DAYS } from "./pages-data";

const ROWS = 1_000_000;
const ROUNDS = 3;
const BARS = { p95: 2, median: 0.7, bare: 0.6, changes: 3 };
const DAY_MS = 86_400_000;

/**
 * Measures queries of Explore, each in turn with a statement of the same groups and measures in DuckDB alone over one
 * sorted file of the same rows. The statement alone computes neither totals nor others, and its averages are
 * floating-point. `npm run bench -- explore 10000000` sets the number of rows of each table; an optional folder after
 * it keeps the data for the next run.
 */
export async function benchExplore(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`explore: ${rows} rows over ${DAYS} days in each table; ${describeMachine()}`);
  await withBench({ connections: 4, databaseFolder: process.argv[4] }, async ({ ctx, dataDir }) => {
    await fillColumns(ctx, rows);
    const bare = await openBareDuckdb(ctx, dataDir);
    const results: { own: number; other: number }[] = [];
    for (const one of QUERIES) {
      const { own, other } = await compare(ctx, bare, one);
      results.push({ own, other });
      print(
        `  ${own.toFixed(2)} s, ${(other / own).toFixed(2)} of DuckDB alone (${other.toFixed(2)} s): ${describe(one)}`,
      );
    }
    const times = results.map(({ own }) => own);
    const ratios = results.map(({ own, other }) => other / own);
    print(
      `${QUERIES.length} queries: median ${median(times).toFixed(2)} s (bar ${BARS.median} at 10 million rows), ` +
        `p95 ${percentile(times, 0.95).toFixed(2)} s (bar ${BARS.p95}); of the speed of DuckDB alone: ` +
        `median ${median(ratios).toFixed(2)}, least ${Math.min(...ratios).toFixed(2)} (bar ${BARS.bare})`,
    );
    await measureChanges(ctx);
    print(`memory of the engine: ${await engineMemory()}`);
  });
}

async function compare(ctx: Context, bare: BareDuckdb, one: BenchQuery): Promise<{ own: number; other: number }> {
  const end = Math.floor(ctx.now().getTime() / DAY_MS) * DAY_MS;
  const start = instantOf(new Date(end - (one.days ?? DAYS) * DAY_MS));
  const query = exploreQuery.parse({ ...one.query, start_date: start, end_date: instantOf(new Date(end - 1)) });
  const statement = bareStatement(bare, one, query, start, instantOf(new Date(end)));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    // Each limit has an answer of its own in the cache.
    const own = await timed(() => explorer(ctx, COMMAND_LINE).query({ ...query, limit: 10 + round, allow_slow: true }));
    const other = await bare.run(statement);
    // The first reads the files.
    if (round === 0) continue;
    ours.push(own);
    theirs.push(other);
  }
  return { own: median(ours), other: median(theirs) };
}

function bareStatement(
  bare: BareDuckdb,
  { condition, query: { table } }: BenchQuery,
  { group_by, measures, interval, compare }: ExploreQuery,
  start: string,
  end: string,
): SQL {
  const catalog: LogTable = logTables[table];
  const zone = zoneOf(ZONE, start, end);
  const groups = group_by.map((field) => groupField(catalog, field)?.value(zone) ?? sql`null`);
  const bucket = interval && interval !== "auto" ? [zone.bucket(sql`created_at`, interval)] : [];
  const values = measures.map((measure) => bareMeasure(catalog, measure, zone));
  const from = compare
    ? sql`created_at >= ${start}::timestamptz - (${end}::timestamptz - ${start}::timestamptz)`
    : sql`created_at >= ${start}::timestamptz`;
  const split = compare
    ? values.flatMap((value) => [
        sql`${value} filter (where created_at >= ${start}::timestamptz)`,
        sql`${value} filter (where created_at < ${start}::timestamptz)`,
      ])
    : values;
  const keys = [...bucket, ...groups];
  const grouping =
    keys.length > 0
      ? sql`group by ${sql.join(
          keys.map((_, index) => sql.raw(String(index + 1))),
          sql`, `,
        )}`
      : sql``;
  const limit =
    bucket.length === 0 && keys.length > 0 ? sql`order by ${sql.raw(String(keys.length + 1))} desc limit 10` : sql``;
  return sql`
    select ${sql.join([...keys, ...split], sql`, `)}
    from ${bare.rows(table)}
    where ${from} and created_at < ${end}::timestamptz ${condition ? sql`and ${sql.raw(condition.bare)}` : sql``}
    ${grouping} ${limit}`;
}

const QUANTILES: Readonly<Record<string, string>> = { p50: "0.5", p90: "0.9", p95: "0.95", p99: "0.99" };

function bareMeasure(table: LogTable, { fn, field = "" }: Measure, zone: Zone): SQL {
  if (fn === "count") return sql`count(*)`;
  if (fn === "error_rate") return sql`avg(case when status_code between 500 and 599 then 1.0 else 0.0 end)`;
  if (fn === "distinct") return sql`count(distinct ${groupField(table, field)?.value(zone) ?? sql`null`})`;
  const found = numericField(table, field, true);
  const number = found ? found.value(zone) : sql`null`;
  const value = found?.kind === "decimal" ? sql`try_cast(${number} as double)` : number;
  const quantile = QUANTILES[fn];
  return quantile ? sql`quantile_disc(${value}, ${sql.raw(quantile)})` : sql`${sql.raw(fn)}(${value})`;
}

function describe({ query: { group_by = [], measures = [], interval, compare, filter }, days }: BenchQuery): string {
  const what = measures.map(({ fn, field }) => (field ? `${fn}(${field})` : fn)).join(", ");
  return [
    what,
    group_by.length > 0 ? `by ${group_by.join(", ")}` : "",
    interval ? `each ${interval}` : "",
    filter ? `where ${filter}` : "",
    days === undefined ? "" : `of ${days} days`,
    compare ? "compared with the period before" : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** Explains a day with all rows before it as the baseline, and the last two hours with the two before. */
async function measureChanges(ctx: Context): Promise<void> {
  const end = Math.floor(ctx.now().getTime() / DAY_MS) * DAY_MS - 6 * 3_600_000;
  const period = (from: number, to: number) => ({ start: instantOf(new Date(from)), end: instantOf(new Date(to)) });
  const windows = {
    "a day among 90": [period(end - DAY_MS, end), period(end - (DAYS - 2) * DAY_MS, end - DAY_MS)],
    "two hours": [period(end - 7_200_000, end), null],
  } as const;
  for (const [name, [window, baseline]] of Object.entries(windows)) {
    const seconds = await timed(() =>
      explorer(ctx, COMMAND_LINE).changes({ table: "access_logs", include_archived: false, window, baseline }),
    );
    print(`  What changed, ${name}: ${seconds.toFixed(2)} s (bar ${BARS.changes} at 10 million rows)`);
  }
}
