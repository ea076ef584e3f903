import { sql } from "drizzle-orm";
import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { type Instant, instantAt, instantOf, parseRangeEnd, parseRangeStart, secondsOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { archivedRange } from "@/server/services/archive-files";
import { readSelection } from "./archived";
import { bucketEdges } from "./buckets";
import { countBucketsInColumns } from "./columnar/aggregates";
import { isLogTable } from "./columnar/plan";
import { type Histogram, type HistogramBucket, type HistogramQuery, type LogFilters, STATUS_CLASSES } from "./contract";
import { estimateRows, expectRows, FEW_ROWS } from "./count";
import type { ReadFilters } from "./filters";
import { isTimeout, read, readWithin, tooSlow } from "./limits";
import { where } from "./paged-source";

const LIMITS = {
  /** Milliseconds: the page's table loads in tens of them, and a sample may follow. */
  exactMs: 800,
  columnsMs: 3_000,
  sampleMs: 3_000,
  /** Larger counts would time out on a small machine, so they are not attempted. */
  countableRows: 2_000_000,
};
/** About a thousand rows for each of 60 buckets, accurate to a few percent. */
const SAMPLED_ROWS = 200_000;

/**
 * Computes the distribution of matching rows over time, in at most `buckets` buckets of round width; without a range,
 * from the oldest to the newest row. Exact if columns count it in 3 seconds or PostgreSQL in 0.8, otherwise estimated from a sample of the
 * table's blocks.
 * @throws AppError UNPROCESSABLE for an invalid filter, or when even a sample takes too long
 */
export async function logHistogram(
  ctx: Context,
  tableName: BrowsedTableName,
  query: HistogramQuery,
  limits = LIMITS,
): Promise<Histogram> {
  const table = browsedTables[tableName];
  const filters = readSelection(ctx, table, query);
  const { start, end } = await rangeOf(ctx, table, query);
  const { seconds, edges } = bucketEdges(start, end, query.buckets, ctx.config.timeZone);
  const inRange = sql`created_at >= ${start}::timestamptz and created_at < ${end}::timestamptz`;
  const { percent, counts } = await countBuckets(
    ctx,
    table,
    { ...filters, range: [inRange], from: start, before: end },
    edges,
    limits,
  );
  const hasStatus = statusColumn(table) !== undefined;
  const scaled = (count: number) => Math.round((count * 100) / percent);
  const buckets = edges.slice(0, -1).map((at, index): HistogramBucket => {
    const own = counts.filter(({ bucket }) => bucket === index + 1);
    const count = scaled(own.reduce((sum, row) => sum + Number(row.count), 0));
    if (!hasStatus) return { at, count };
    const classes = own.map((row) => [classOf(row), scaled(Number(row.count))] as const);
    return { at, count, by_status: Object.fromEntries(classes) };
  });
  return {
    start,
    end,
    bucket_seconds: seconds,
    is_exact: percent === 100,
    total: buckets.reduce((sum, { count }) => sum + count, 0),
    buckets,
  };
}

type BucketCount = { bucket: number; class: number | null; count: string | number };

function classOf({ class: hundreds }: BucketCount): keyof NonNullable<HistogramBucket["by_status"]> {
  return hundreds === null ? "none" : (STATUS_CLASSES[hundreds] ?? "none");
}

async function countBuckets(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  edges: readonly Instant[],
  limits: typeof LIMITS,
): Promise<{ percent: number; counts: BucketCount[] }> {
  const status = statusColumn(table);
  const { expected, conditions } = await expectRows(ctx, table, filters);
  const count = (limit: number, percent: number) =>
    readWithin(ctx, limit, (db) =>
      db.execute<BucketCount>(sql`
        select
          width_bucket(created_at, ${`{${edges.join(",")}}`}::timestamptz[]) as bucket,
          ${status ? sql`${sql.identifier(status)} / 100` : sql`0`} as class,
          count(*) as count
        from ${sql.identifier(table.tableName)} ${percent === 100 ? sql`` : sql`tablesample system (${percent})`}
        ${where(conditions)}
        group by 1, 2`),
    );
  try {
    const counts =
      (filters.archived !== undefined || filters.indexed === undefined || expected > FEW_ROWS) &&
      (await countBucketsInColumns(ctx, table, filters, limits.columnsMs, { edges, status }));
    if (counts) return { percent: 100, counts };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    // A sample of the table would lack archived rows.
    if (filters.archived) throw tooSlow(error);
  }
  if (expected <= limits.countableRows) {
    try {
      return { percent: 100, counts: await count(limits.exactMs, 100) };
    } catch (error) {
      if (!isTimeout(error)) throw error;
    }
  }
  const searched = await estimateRows(
    ctx.db.read,
    sql`from ${sql.identifier(table.tableName)} ${where(filters.range)}`,
  );
  const percent = Math.min(99, (100 * SAMPLED_ROWS) / Math.max(searched, 1));
  try {
    return { percent, counts: await count(limits.sampleMs, percent) };
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : error;
  }
}

function statusColumn(table: BrowsedTable): string | undefined {
  return table.columns.find(({ filter }) => filter === "status")?.name;
}

/** The requested range; an open end is the oldest row's time, or just after the newest row's. */
async function rangeOf(
  ctx: Context,
  table: BrowsedTable,
  query: LogFilters,
): Promise<{ start: Instant; end: Instant }> {
  const { timeZone } = ctx.config;
  const from = query.start_date === undefined ? undefined : parseRangeStart(query.start_date, timeZone);
  const to = query.end_date === undefined ? undefined : parseRangeEnd(query.end_date, timeZone);
  const name = sql.identifier(table.tableName);
  const [ends] =
    from && to
      ? []
      : await read(ctx, (db) =>
          db.execute<{ oldest: string | null; newest: string | null }>(sql`
            select
              (select min(created_at) from ${name}) as oldest,
              (select max(created_at) + interval '1 microsecond' from ${name}) as newest`),
        );
  const archived = query.include_archived && isLogTable(table) ? await archivedRange(ctx, table.name) : undefined;
  const now = instantOf(ctx.now());
  const ofArchives = archived ? [archived] : [];
  const oldest = earliest(ends?.oldest ? toIsoMicroseconds(ends.oldest) : now, ...ofArchives.map(({ from }) => from));
  const newest = latest(ends?.newest ? toIsoMicroseconds(ends.newest) : now, ...ofArchives.map(({ before }) => before));
  const start = from ?? (to !== undefined && to < oldest ? to : oldest);
  const end = to ?? newest;
  return end > start ? { start, end } : { start, end: afterSecond(start) };
}

const earliest = (...times: readonly Instant[]) => times.reduce((a, b) => (a < b ? a : b));
const latest = (...times: readonly Instant[]) => times.reduce((a, b) => (a > b ? a : b));

/** An empty or reversed range is still shown as one bucket. */
function afterSecond(start: Instant): Instant {
  return instantAt(Math.floor(secondsOf(start)) + 1);
}
