import { logTables } from "@/server/catalog";
import { DEMO_TABLES, type DemoTable } from "@/server/demo/traffic";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import {
  forecast,
  queueSeries,
  serviceSeries,
  storageSeries,
  timings,
  trafficOverview,
} from "@/server/services/overview";
import { countAllTraffic } from "@/server/services/overview/traffic/count-traffic";
import { describeMachine, median, print, timed, withBench } from "./harness";
import { DAYS, fillTable } from "./pages-data";

const ROWS = 1_000_000;
const REPETITIONS = 15;
const BAR_MS = 300;
const DAY_MS = 86_400_000;
/** The page opens with one day; the widest range includes all days. */
const RANGES = [1, 7, DAYS];
/** Metrics that are stored for two years, by minute, hour and day. */
const METRICS = ["queue_length", "events_received", "latency_bucket", "disk_used", "duration", "duration_bucket"];
const LABELS_EACH = 20;

/**
 * Compares the overview's queries, which read rollups, with counting the same requests from their rows, alternating so
 * that noise affects both. `npm run bench -- overview 10000000` sets the number of rows per log table.
 */
export async function benchOverview(): Promise<void> {
  const rows = Number(process.argv[3] ?? ROWS);
  print(`overview: ${rows} rows over ${DAYS} days in each table; ${describeMachine()}`);
  await withBench({ connections: 10 }, async ({ ctx }) => {
    for (const name of DEMO_TABLES) await fill(ctx, name, rows);
    print(`traffic counted from all rows in ${Math.round(await timed(() => countAllTraffic(ctx)))} s`);
    await fillMeasures(ctx);
    await ctx.db.sql.unsafe("vacuum analyze");
    for (const days of RANGES) await measure(ctx, days);
  });
}

/** Fills without the indexes that the overview does not need, which inserts ten million rows within minutes. */
async function fill(ctx: Context, name: DemoTable, rows: number): Promise<void> {
  const indexes = await ctx.db.sql<{ name: string }[]>`
    select indexrelid::regclass::text as name from pg_index
    where indrelid = ${logTables[name].tableName}::regclass and not indisprimary`;
  for (const index of indexes) await ctx.db.sql.unsafe(`drop index ${index.name}`);
  print(`${name}: filled in ${Math.round(await timed(() => fillTable(ctx, name, rows)))} s`);
  await ctx.db.sql`
    insert into dirty_ranges (log_table, starts_at, ends_at)
    select ${name}, min(created_at), max(created_at) + interval '1 microsecond'
    from ${ctx.db.sql(logTables[name].tableName)}`;
}

/** Fills the retained range of each granularity. */
async function fillMeasures(ctx: Context): Promise<void> {
  for (const [grain, retained] of [
    ["minute", "2 days"],
    ["slot", "2 days"],
    ["hour", "90 days"],
    ["day", "3 years"],
  ] as const) {
    await ctx.db.sql`
      insert into metrics (grain, at, name, label, count, sum, min, max)
      select ${grain}, at, name,
        case name when 'latency_bucket' then 'request|' || n when 'duration_bucket' then 'trpc call' || n || '|' || n % 12 when 'duration' then 'trpc call' || n else n::text end,
        1, n, n, n
      from generate_series(
        date_trunc(${grain === "slot" ? "hour" : grain}, now() - ${retained}::interval, ${ctx.config.timeZone}),
        now(),
        ${grain === "slot" ? "5 minutes" : `1 ${grain}`}::interval
      ) as at
      cross join unnest(${METRICS}::text[]) as name
      cross join generate_series(1, ${LABELS_EACH}::int) as n`;
  }
}

async function measure(ctx: Context, days: number): Promise<void> {
  const now = Math.floor(ctx.now().getTime() / DAY_MS) * DAY_MS;
  const range = { start: instantOf(new Date(now - days * DAY_MS)), end: instantOf(new Date(now)) };
  // Concurrently, like the page.
  const page = () =>
    Promise.all([
      queueSeries(ctx, range),
      serviceSeries(ctx, range),
      storageSeries(ctx, range),
      timings(ctx, range),
      trafficOverview(ctx, range),
      forecast(ctx, 0.9),
    ]);
  const direct = () => ctx.db.sql`
    select status_code / 100, count(*) from access_logs
    where created_at >= ${range.start} and created_at < ${range.end} group by 1`;
  await page();
  const times: { page: number[]; direct: number[] } = { page: [], direct: [] };
  for (let round = 0; round < REPETITIONS; round++) {
    times.page.push((await timed(page)) * 1_000);
    if (round < 3) times.direct.push((await timed(direct)) * 1_000);
  }
  const took = median(times.page);
  print(
    `  ${String(days).padStart(2)} days: ${took.toFixed(0)} ms (slowest ${Math.max(...times.page).toFixed(0)}; bar ${BAR_MS} ms: ` +
      `${took <= BAR_MS ? "met" : "missed"}), ${(took / median(times.direct)).toFixed(3)} of counting the requests by class from their rows`,
  );
}
