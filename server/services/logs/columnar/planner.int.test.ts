import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { browsedTables } from "@/server/catalog";
import { CSV_FORMAT, csvColumns, writeParquet } from "@/server/columnar";
import { ensurePartitions } from "@/server/db/partitions";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";
import "@/server/testing/property-seed";
import type { LogQuery } from "../contract";
import { countLogs } from "../count";
import { logHistogram } from "../histogram";
import { listLogs } from "../list-logs";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const ROWS = 30_000;
const RUNS = Number(process.env.PLANNER_RUNS ?? 8);
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 4, 1);
const DAYS = 6;
const at = (ms: number) => new Date(ms).toISOString();
let file: string;

/** Six days of rows; each fiftieth contains a rare word, and the last hours one of their own. */
async function fill(): Promise<void> {
  await ensurePartitions(ctx.db.sql, "user_activity_logs", ["2026-05"]);
  await ctx.db.sql`
    insert into user_activity_logs (id, created_at, user_id, action, resource_type, ip_address, details)
    select
      md5('id' || i)::uuid,
      ${at(START)}::timestamptz + (i / 3) * ${(3 * DAYS * DAY_MS) / ROWS} * interval '1 millisecond',
      'user ' || i % 97,
      case when i % 50 = 0 then 'refund ' || i else 'login' end,
      case when i % 3 = 0 then null else 'case' end,
      '10.0.' || i % 250 || '.7',
      jsonb_build_object('order', i % 1000, '案号', '京' || i, 'note', case when i > ${ROWS - 400} then 'LATEST' end)
    from generate_series(1, ${ROWS}) as i`;
  await ctx.db.sql`analyze user_activity_logs`;
}

/** Writes one segment with the rows before `before`, and makes hours after it, and some within it, dirty. */
async function writeSegment(before: number): Promise<void> {
  const table = browsedTables.user_activities;
  const id = "00000000-0000-4000-8000-000000000001";
  const store = ctx.files.current;
  if (store.target.kind !== "disk") throw new Error("The store of tests is a disk.");
  file = path.join(store.target.folder, "segments", "test.parquet");
  await mkdir(path.dirname(file), { recursive: true });
  const rowCount = await ctx.db.sql.begin(async (tx) => {
    const rows = `select ${csvColumns(table)} from user_activity_logs where created_at < '${at(before)}' order by created_at, id`;
    return await writeParquet(
      ctx.columnar,
      table,
      await tx.unsafe(`copy (${rows}) to stdout with ${CSV_FORMAT}`).readable(),
      file,
    );
  });
  const bytes = await readFile(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await ctx.db.sql`insert into segment_layouts (log_table, layout) values ('user_activities', 1)`;
  await ctx.db.sql`
    insert into segments (id, log_table, store, path, starts_at, ends_at, row_count, size_bytes, sha256, layout)
    values (${id}, 'user_activities', ${store.id}, 'segments/test.parquet', ${at(START)}, ${at(before)}, ${rowCount}, ${bytes.length}, ${sha256}, 1)`;
  await ctx.db.sql`
    insert into segment_hours (log_table, hour, segment_id, row_count, dirty_seq)
    select
      'user_activities', date_trunc('hour', created_at, 'UTC'),
      case when date_trunc('hour', created_at, 'UTC') < ${at(before)} then ${id}::uuid end,
      count(*),
      case when date_trunc('hour', created_at, 'UTC') >= ${at(before)} then nextval('segment_dirty_seq') end
    from user_activity_logs
    group by date_trunc('hour', created_at, 'UTC')`;
}

beforeAll(async () => {
  await fill();
  await writeSegment(START + DAYS * DAY_MS - 7 * 3_600_000);
  // Rows changed after the segment was written; a mark that was not taken yet, and an hour that is dirty.
  const changed = START + 2 * DAY_MS;
  await ctx.db.sql`
    update user_activity_logs set action = 'refund changed'
    where created_at >= ${at(changed)} and created_at < ${at(changed + 600_000)}`;
  await ctx.db.sql`
    insert into dirty_ranges (log_table, starts_at, ends_at)
    values ('user_activities', ${at(changed)}, ${at(changed + 600_000)})`;
  await ctx.db
    .sql`delete from user_activity_logs where created_at >= ${at(changed + DAY_MS)} and created_at < ${at(changed + DAY_MS + 3_600_000)}`;
  await ctx.db.sql`
    update segment_hours set dirty_seq = nextval('segment_dirty_seq')
    where hour = ${at(changed + DAY_MS)}`;
});

/** The same context without columns. */
function withoutColumns(): Context {
  return failing("columnar.out_of_memory");
}

function failing(code: "columnar.out_of_memory" | "columnar.engine_failed"): Context {
  return { ...ctx, columnar: { ...ctx.columnar, query: () => Promise.reject(new AppError(code, {})) } };
}

/** The same context, whose warnings are collected: a failure of columns must not hide behind PostgreSQL's answer. */
function watched(warnings: unknown[]): Context {
  const log = Object.assign(Object.create(ctx.log), { warn: (warning: unknown) => warnings.push(warning) });
  return { ...ctx, log };
}

/** Walks a list page by page in both directions. */
async function walk(on: Context, query: LogQuery): Promise<{ forward: string[]; back: string[] }> {
  const forward: string[] = [];
  const back: string[] = [];
  let cursor: string | undefined;
  let last: string | null = null;
  for (let pages = 0; pages < 4; pages++) {
    const page = await listLogs(on, "user_activities", {
      ...query,
      ...(cursor === undefined ? {} : { cursor, at: undefined }),
    });
    forward.push(...page.items.map(({ id, action }) => `${id} ${action}`));
    last = page.prev_cursor;
    if (!page.next_cursor) break;
    cursor = page.next_cursor;
  }
  for (let pages = 0; last && pages < 6; pages++) {
    const page = await listLogs(on, "user_activities", { ...query, cursor: last, at: undefined });
    back.unshift(...page.items.map(({ id, action }) => `${id} ${action}`));
    last = page.prev_cursor;
  }
  return { forward, back };
}

const filter = fc.constantFrom(
  "refund",
  "absent",
  "京17",
  'details."案号":京1234',
  "details.order:7",
  "details.order < 3",
  "details.note:LATEST",
  "latest",
  "not action:login",
  "action:*und*",
  "resource_type:null refund",
  "ip_address:10.0.7.0/24 details.order:7",
  'user_id:"user 7" refund',
  "details.order > 5 -login",
  'action:"refund changed" or absent',
);
const range = fc.constantFrom<Partial<LogQuery>>(
  {},
  { start_date: "2026-05-02", end_date: "2026-05-05" },
  { start_date: "2026-05-03T08:20:00Z", end_date: "2026-05-04T08:59:30Z" },
  { end_date: "2026-05-06" },
);
const paging = fc.record({
  page_size: fc.constantFrom(7, 60, 400),
  sort: fc.constantFrom("created_at", "-created_at"),
  count: fc.constant("exact"),
  at: fc.constantFrom(undefined, undefined, "2026-05-03T12:00:00Z", "2026-05-06T20:00:00Z"),
});

describe("With columns, on a table with clean and dirty hours", () => {
  it(
    "pages in both directions, counts and histograms are the same as without",
    async () => {
      await fc.assert(
        fc.asyncProperty(filter, range, paging, async (expression, dates, pages) => {
          const query = { filters: { filter: expression }, ...dates };
          const off = withoutColumns();
          const warnings: unknown[] = [];
          const on = watched(warnings);
          const list = { ...query, ...pages } as LogQuery;
          expect(await walk(on, list)).toEqual(await walk(off, list));
          expect(await countLogs(on, "user_activities", { ...query, mode: "exact" })).toEqual(
            await countLogs(off, "user_activities", { ...query, mode: "exact" }),
          );
          for (const buckets of [5, 60])
            expect(await logHistogram(on, "user_activities", { ...query, buckets })).toEqual(
              await logHistogram(off, "user_activities", { ...query, buckets }),
            );
        }),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 2_000,
  );

  it("a rare word is found in columns", async () => {
    let statements = 0;
    const query: typeof ctx.columnar.query = (statement, options) => {
      statements += 1;
      return ctx.columnar.query(statement, options);
    };
    const counted = { ...ctx, columnar: { ...ctx.columnar, query } };
    const list = await listLogs(counted, "user_activities", { filters: { filter: "京1234" }, count: "none" });
    expect(list.items.length).toBeGreaterThan(0);
    expect(statements).toBeGreaterThan(0);
    const before = statements;
    expect(await countLogs(counted, "user_activities", { filters: {}, mode: "exact" })).toMatchObject({
      is_exact: true,
    });
    expect(statements).toBe(before + 1);
  });

  it("an engine that fails and a damaged file do not change an answer", async () => {
    const query = { filters: { filter: "refund" }, mode: "exact" } as const;
    const expected = await countLogs(withoutColumns(), "user_activities", query);
    expect(await countLogs(failing("columnar.engine_failed"), "user_activities", query)).toEqual(expected);
    const list = { filters: { filter: "京1234" } };
    const rows = await listLogs(withoutColumns(), "user_activities", list);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));
    expect(await listLogs(ctx, "user_activities", list)).toEqual(rows);
    expect(await countLogs(ctx, "user_activities", query)).toEqual(expected);
  });
});
