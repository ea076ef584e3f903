import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type BrowsedTableName, browsedTables, type LogTableName, logTables } from "@/server/catalog";
import { CSV_FORMAT, csvColumns, writeParquet } from "@/server/columnar";
import { computedFields } from "@/server/db/derived-value";
import { ensurePartitions } from "@/server/db/partitions";
import { AppError } from "@/server/lib/errors";
import { COMMAND_LINE, type Context, principalKey } from "@/server/process/context";
import { takeDirtyHours } from "@/server/services/overview";
import { writeAllSegments } from "@/server/services/segments/write-all";
import { startRemoteEngine, withRemoteEngine } from "@/server/testing/clickhouse";
import { setUpContext } from "@/server/testing/context";
import "@/server/testing/property-seed";
import type { LogQuery, LogRow } from "../contract";
import { countLogs } from "../count";
import { cursorPaginate } from "../cursor-paginate";
import { type OpenArchived, type ReadFilters, readFilters } from "../filters";
import { logHistogram } from "../histogram";
import { readingOf } from "../limits";
import { listLogs } from "../list-logs";
import { logReader } from "../log-reader";
import { logSource, readRow } from "../paged-source";
import { countBucketsInColumns, countInColumns } from "./aggregates";
import { searchColumns } from "./search";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const RUNS = Number(process.env.PLANNER_RUNS ?? 5);
const ROWS = 15_000;
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 4, 1);
const DAYS = 6;
const at = (ms: number) => new Date(ms).toISOString();

/** Six days of rows, three at a time; words and members of all frequencies. */
async function fill(): Promise<void> {
  const step = (3 * DAYS * DAY_MS) / ROWS;
  for (const { tableName } of Object.values(logTables)) await ensurePartitions(ctx.db.sql, tableName, ["2026-05"]);
  await ctx.db.sql`
    insert into user_activity_logs (id, created_at, user_id, action, resource_type, ip_address, details)
    select
      md5('id' || i)::uuid, ${at(START)}::timestamptz + (i / 3) * ${step} * interval '1 millisecond', 'user ' || i % 97,
      case when i % 50 = 0 then 'refund ' || i else 'login' end,
      case when i % 3 = 0 then null else 'case' end,
      '10.0.' || i % 250 || '.7',
      jsonb_build_object('order', i % 1000, '案号', '京' || i, 'note', case when i > ${ROWS - 400} then 'LATEST' end)
    from generate_series(1, ${ROWS}) as i`;
  await ctx.db.sql`
    insert into access_logs (id, created_at, user_id, ip_address, request_path, status_code, extra)
    select
      md5('id' || i)::uuid, ${at(START)}::timestamptz + (i / 3) * ${step} * interval '1 millisecond', 'user ' || i % 97,
      '10.0.0.7', '/refund/' || i % 40, nullif(i % 6, 5) * 100 + i % 2, jsonb_build_object('order', i % 1000, 'price', 1.10)
    from generate_series(1, ${ROWS}) as i`;
  await ctx.db.sql`insert into dirty_ranges (log_table, starts_at, ends_at)
    select name, ${at(START)}, ${at(START + DAYS * DAY_MS)} from unnest(array['access_logs', 'user_activities']) as name`;
  await ctx.db.sql`analyze user_activity_logs, access_logs`;
}

/** Changes rows behind written segments, with marks that were taken and one that was not. */
async function change(): Promise<void> {
  const hour = (day: number, minutes: number) => at(START + day * DAY_MS + minutes * 60_000);
  for (const [name, { tableName }] of Object.entries(logTables)) {
    const table = ctx.db.sql(tableName);
    const mark = (from: string, to: string) =>
      ctx.db.sql`insert into dirty_ranges (log_table, starts_at, ends_at) values (${name}, ${from}, ${to})`;
    await ctx.db.sql`delete from ${table} where created_at >= ${hour(1, 30)} and created_at < ${hour(1, 95)}`;
    await mark(hour(1, 30), hour(1, 95));
    await takeDirtyHours(ctx);
    await ctx.db.sql`
      update ${table} set user_id = 'refund changed' where created_at >= ${hour(3, 0)} and created_at < ${hour(3, 10)}`;
    await mark(hour(3, 0), hour(3, 10));
  }
}

let file = "";

beforeAll(async () => {
  await fill();
  expect(await writeAllSegments(ctx)).toBe(true);
  const [segment] = await ctx.db.sql<{ path: string }[]>`
    select path from segments where log_table = 'user_activities' and replaced_at is null`;
  file = path.join(ctx.config.dataDir, segment?.path ?? "");
  await change();
});

/** The same context, in which columns cannot answer. */
function failing(code: "columnar.out_of_memory" | "columnar.engine_failed" = "columnar.out_of_memory"): Context {
  return { ...ctx, columnar: { ...ctx.columnar, query: () => Promise.reject(new AppError(code, {})) } };
}

/** The same context, whose warnings are collected: a failure of columns must not hide behind PostgreSQL's answer. */
function watched(warnings: unknown[]): Context {
  const log = Object.assign(Object.create(ctx.log), { warn: (warning: unknown) => warnings.push(warning) });
  return { ...ctx, log };
}

/** Walks a list page by page in both directions. */
async function walk(on: Context, table: BrowsedTableName, query: LogQuery) {
  const forward: string[] = [];
  const back: string[] = [];
  const rest = { ...query, at: undefined };
  let page = await listLogs(on, table, query);
  for (let pages = 1; ; pages++) {
    forward.push(...page.items.map((row) => JSON.stringify(row)));
    if (!page.next_cursor || pages === 4) break;
    page = await listLogs(on, table, { ...rest, cursor: page.next_cursor });
  }
  for (let pages = 0; page.prev_cursor && pages < 5; pages++) {
    page = await listLogs(on, table, { ...rest, cursor: page.prev_cursor });
    back.unshift(...page.items.map((row) => JSON.stringify(row)));
  }
  return { forward, back };
}

const FILTERS = {
  user_activities: [
    ...[
      "refund",
      "absent",
      "京17",
      'details."案号":京1234',
      "details.order:7",
      "details.order < 3",
      "details.note:LATEST",
    ],
    ...[
      "latest",
      "not action:login",
      "action:*und*",
      "resource_type:null refund",
      "ip_address:10.0.7.0/24 details.order:7",
    ],
    ...['user_id:"user 7" refund', "details.order > 5 -login", "user_id:*changed* or absent"],
  ],
  access_logs: [
    ...["refund", "absent", "extra.order:7", "extra.price:1.1 extra.order:9", "status_code:5xx extra.order < 9"],
    ...["not status_code:(1xx, 2xx)", "route:/refund/:id changed", "request_path:*/3", "status_code:null /refund/7"],
  ],
} as const;
const request = fc.constantFrom("user_activities" as const, "access_logs" as const).chain((table) =>
  fc.record({
    table: fc.constant(table),
    filter: fc.constantFrom(...FILTERS[table]),
    dates: fc.constantFrom<Partial<LogQuery>>(
      {},
      { start_date: "2026-05-02", end_date: "2026-05-05" },
      { start_date: "2026-05-03T08:20:00Z", end_date: "2026-05-04T08:59:30Z" },
      { end_date: "2026-05-06" },
    ),
    paging: fc.record({
      page_size: fc.constantFrom(7, 60, 400),
      sort: fc.constantFrom("created_at" as const, "-created_at" as const),
      count: fc.constant("exact" as const),
      at: fc.constantFrom(undefined, undefined, "2026-05-03T12:00:00Z", "2026-05-06T20:00:00Z"),
    }),
  }),
);

describe("With columns, on tables with clean and dirty hours", () => {
  it(
    "pages in both directions, counts and histograms are the same as without",
    async () => {
      const warnings: unknown[] = [];
      const on = watched(warnings);
      const off = failing();
      await fc.assert(
        fc.asyncProperty(request, async ({ table, filter, dates, paging }) => {
          const query = { filters: { filter }, ...dates };
          const list = { ...query, ...paging };
          expect(await walk(on, table, list)).toEqual(await walk(off, table, list));
          const count = { ...query, mode: "exact" } as const;
          expect(await countLogs(on, table, count)).toEqual(await countLogs(off, table, count));
          for (const buckets of [5, 60])
            expect(await logHistogram(on, table, { ...query, buckets })).toEqual(
              await logHistogram(off, table, { ...query, buckets }),
            );
        }),
        { numRuns: RUNS },
      );
      expect(warnings).toEqual([]);
    },
    60_000 + RUNS * 2_000,
  );

  it("rows of all statuses are in the histogram, in clean and dirty hours", async () => {
    const query = { filters: {}, buckets: 9 };
    const histogram = await logHistogram(ctx, "access_logs", query);
    expect(histogram).toEqual(await logHistogram(failing(), "access_logs", query));
    expect(Object.keys(histogram.buckets[1]?.by_status ?? {}).sort()).toEqual([
      "0xx",
      "1xx",
      "2xx",
      "3xx",
      "4xx",
      "none",
    ]);
  });

  it("a rare word and an exact count are read from columns", async () => {
    let statements = 0;
    const query: typeof ctx.columnar.query = (statement, options) => {
      statements += 1;
      return ctx.columnar.query(statement, options);
    };
    const counted = { ...ctx, columnar: { ...ctx.columnar, query } };
    const list = await listLogs(counted, "user_activities", { filters: { filter: "京1234" }, count: "none" });
    expect(list.items.length).toBeGreaterThan(0);
    expect(statements).toBeGreaterThan(0);
    statements = 0;
    expect(await countLogs(counted, "user_activities", { filters: {}, mode: "exact" })).toMatchObject({
      is_exact: true,
    });
    expect(statements).toBe(1);
  });

  it("a long search returns its rows as they are found, the same as at once, in every order and direction", async () => {
    const table = browsedTables.user_activities;
    const filters = readFilters(table, { filters: { filter: "refund" } }, "UTC");
    const pace = { windowRows: 500, withRows: 0, withoutRows: 0 };
    const list = async (descending: boolean, isProgressive: boolean, pageSize: number, cursor?: string) =>
      cursorPaginate<LogRow>(ctx, logSource(table), {
        conditions: [...filters.range, ...filters.columns],
        scope: [],
        descending,
        pageSize,
        cursor,
        isProgressive,
        find: ({ isProgressive: isPaced, ...search }) =>
          searchColumns(ctx, table, logSource(table), { ...search, filters, ...(isPaced && { pace }) }, 10_000),
      });
    /** A page as the log browser combines it. */
    const page = async (descending: boolean, size: number, cursor?: string) => {
      const first = await list(descending, true, size, cursor);
      let [items, last, requests] = [first.items, first, 1];
      const isBack = cursor !== undefined && first.has_prev && first.prev_cursor === first.search?.cursor;
      while (last.search && items.length < size) {
        last = await list(descending, true, size - items.length, last.search.cursor);
        items = isBack ? [...last.items, ...items] : [...items, ...last.items];
        requests++;
      }
      return { items, first, last, requests, isBack };
    };
    for (const descending of [true, false]) {
      const all = (await list(descending, false, 1_000)).items;
      expect(all.length).toBeGreaterThan(20);
      const found = await page(descending, 1_000);
      expect(found.items).toEqual(all);
      expect(found.requests).toBeGreaterThan(2);
      expect([found.first.has_prev, found.last.has_next, found.first.first_row ?? 1]).toEqual([false, false, 1]);
      // Pages of eight, forward and back.
      const size = 8;
      const one = await page(descending, size);
      const two = await page(descending, size, one.last.next_cursor ?? "");
      expect([...one.items, ...two.items]).toEqual(all.slice(0, 2 * size));
      expect(two.last.first_row === null || two.first.items.length > 0).toBe(true);
      const back = await page(descending, size, two.first.prev_cursor ?? "");
      expect(back.items).toEqual(one.items);
    }
  });

  it("ClickHouse, if it is installed, finds the same rows and counts as DuckDB", async () => {
    const clickhouse = await startRemoteEngine(ctx.config.dataDir);
    if (!clickhouse) return;
    const remote = withRemoteEngine(ctx, clickhouse);
    const at = "2026-05-03T12:00:00.000000Z";
    const start = sql`(created_at, id) > (${at}::timestamptz, ${"7fffffff-0000-4000-8000-000000000000"}::uuid)`;
    const edges = [0, 0.3, 0.7, DAYS].map((day) => `${new Date(START + day * DAY_MS).toISOString().slice(0, -1)}000Z`);
    for (const name of ["access_logs", "user_activities"] as const) {
      const table = browsedTables[name];
      const status = name === "access_logs" ? "status_code" : undefined;
      for (const filter of FILTERS[name]) {
        const filters = readFilters(table, { filters: { filter }, end_date: "2026-05-05T10:20:30Z" }, "UTC");
        const answersOf = async (on: Context) => ({
          count: await countInColumns(on, table, filters, 10_000),
          buckets: new Set(await countBucketsInColumns(on, table, filters, 10_000, { edges, status })),
          rows: await searchColumns(
            on,
            table,
            logSource(table),
            { filters, start, at, ascending: true, limit: 400 },
            10_000,
          ),
        });
        expect(await answersOf(remote)).toEqual(await answersOf(ctx));
      }
    }
    expect(clickhouse.queries.length).toBeGreaterThan(20);
  });

  it("archived rows are counted and listed with those of the table", async () => {
    const table = browsedTables.user_activities;
    const filters = readFilters(table, { filters: { filter: "refund" } }, "UTC");
    const end = START + DAY_MS / 2;
    const search = (given: ReadFilters) =>
      searchColumns(ctx, table, logSource(table), { filters: given, ascending: true, limit: 400 }, 10_000);
    const edges = [0, 0.3, 0.7, DAYS].map((day) => `${at(START + day * DAY_MS).slice(0, -1)}000Z`);
    const answers = async (given: ReadFilters) => ({
      count: await countInColumns(ctx, table, given, 10_000),
      buckets: (await countBucketsInColumns(ctx, table, given, 10_000, { edges }))?.sort((a, b) => a.bucket - b.bucket),
      rows: (await search(given))?.rows.map((row) => readRow(table.columns, row)),
    });
    const expected = await answers(filters);
    const archived = await archive("user_activities", at(end));
    try {
      const all = await answers({ ...filters, archived });
      expect(all).toEqual(expected);
      const rows = (await search({ ...filters, archived }))?.rows ?? [];
      const isEarly = (row: Record<string, unknown>) => Date.parse(String(row.created_at)) < end;
      expect(rows.map((row) => row.archived === true)).toEqual(rows.map(isEarly));
      expect(rows.some(isEarly)).toBe(true);
      await expect(countInColumns(failing(), table, { ...filters, archived }, 10_000)).rejects.toMatchObject({
        code: "columnar.out_of_memory",
      });
    } finally {
      await ctx.db.sql`insert into user_activity_logs select * from archived_rows`;
    }
  });

  it("a search ends when its caller is gone", async () => {
    const end = new AbortController();
    const endless: typeof ctx.columnar.query = (_, options) => {
      end.abort();
      return ctx.columnar.query(sql`select count(*) from range(1000000000000) as t (i) where hash(i) = 1`, options);
    };
    const on = { ...ctx, columnar: { ...ctx.columnar, query: endless } };
    const page = logReader(on, COMMAND_LINE, end.signal).page("user_activities", { filters: { filter: "zz" } });
    await expect(page).rejects.toMatchObject({ code: "request.aborted" });
    // Its turn is free again.
    expect(await ctx.columnar.query(sql`select 1 as one`, { user: principalKey(COMMAND_LINE) })).toEqual([{ one: 1 }]);
  });

  it("files of an object store are fetched within the cache, while no transaction waits for them", async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    let downloads = 0;
    const store: typeof ctx.files.current = Object.create(ctx.files.current, {
      target: { value: { kind: "s3" } },
      open: {
        value: async (key: string) => {
          downloads++;
          await opened;
          return await ctx.files.current.open(key);
        },
      },
    });
    const files = Object.create(ctx.files, { of: { value: async () => store } });
    const warnings: unknown[] = [];
    const remote = { ...watched(warnings), files };
    const query = { filters: { filter: "refund" }, mode: "exact" } as const;
    const expected = await countLogs(failing(), "user_activities", query);
    const small = { ...remote, config: { ...ctx.config, explore: { ...ctx.config.explore, cacheBytes: 1_000 } } };
    expect(await countLogs(small, "user_activities", query)).toEqual(expected);
    const full = { ...remote, config: { ...ctx.config, alerts: { ...ctx.config.alerts, diskUsage: 0.000_001 } } };
    expect(await countLogs(full, "user_activities", query)).toEqual(expected);
    expect(downloads).toBe(0);
    const refused = expect.objectContaining({ err: expect.objectContaining({ code: "columnar.no_cache_space" }) });
    expect(warnings).toEqual([refused, refused]);
    const gone = new AbortController();
    const abandoned = logReader(remote, COMMAND_LINE, gone.signal).count("user_activities", query);
    await expect.poll(() => downloads).toBe(1);
    gone.abort();
    await expect(abandoned).rejects.toMatchObject({ code: "request.aborted" });
    const counting = countLogs(remote, "user_activities", query);
    await expect
      .poll(
        () => ctx.db.sql`
          select from pg_stat_activity
          where datname = current_database() and state like 'idle in transaction%'`,
      )
      .toHaveLength(0);
    open();
    expect(await counting).toEqual(expected);
    expect(downloads).toBe(1);
    expect(warnings).toHaveLength(2);
  });

  it("an engine that fails and a damaged file do not change an answer", async () => {
    const query = { filters: { filter: "refund" }, mode: "exact" } as const;
    const expected = await countLogs(failing(), "user_activities", query);
    expect(await countLogs(failing("columnar.engine_failed"), "user_activities", query)).toEqual(expected);
    const list = { filters: { filter: "京1234" } };
    const rows = await listLogs(failing(), "user_activities", list);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    expect(await listLogs(readingOf(ctx, "user_activities"), "user_activities", list)).toEqual(rows);
    // It will be written again.
    const valid = await ctx.db.sql`
      select from segment_hours join segments on segments.id = segment_id
      where ${file}::text like '%' || path and dirty_seq is null`;
    expect(valid).toHaveLength(0);
    expect(await countLogs(ctx, "user_activities", query)).toEqual(expected);
  });
});

/** Moves the rows before a time to a file, and a table from which they can be restored. */
async function archive(name: LogTableName, before: string): Promise<OpenArchived> {
  const table = logTables[name];
  const target = path.join(await ctx.columnar.makeFolder(), "archive.parquet");
  const rowCount = await ctx.db.sql.begin(async (tx) => {
    await tx.unsafe(`create table archived_rows as select * from ${table.tableName} where created_at < '${before}'`);
    const rows = `select ${csvColumns(table)} from archived_rows order by created_at, id`;
    const copy = await tx.unsafe(`copy (${rows}) to stdout with ${CSV_FORMAT}`).readable();
    const written = await writeParquet(ctx.columnar, table, copy, target, { computed: computedFields(table) });
    await tx.unsafe(`delete from ${table.tableName} where created_at < '${before}'`);
    await tx`insert into dirty_ranges (log_table, starts_at, ends_at) values (${name}, ${at(START)}, ${before})`;
    return written;
  });
  const range = { from: `${at(START).slice(0, -1)}000Z`, to: `${before.slice(0, -1)}000Z` };
  return async () => ({
    rowsIn: async () => sql`select * from read_parquet(${target})`,
    parts: [{ ranges: [range], rowCount }],
    close: async () => {},
  });
}
