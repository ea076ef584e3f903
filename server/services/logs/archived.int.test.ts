import { rm, truncate } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { browsedTables } from "@/server/catalog";
import { ensurePartitions } from "@/server/db/partitions";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { fillArchiveBlocks } from "@/server/services/archive-files";
import { UNFENCED } from "@/server/services/jobs";
import { expireArchives } from "@/server/services/retention/archives/expire";
import { runRestore } from "@/server/services/retention/restore/run-restore";
import { withMaintenance } from "@/server/services/tables";
import { jobRun } from "@/server/testing/cleanup";
import { setUpFilledLogs } from "@/server/testing/filled-logs";
import { readSelection } from "./archived";
import type { LogQuery, LogRow } from "./contract";
import { countLogs, countRows } from "./count";
import { findLogRow } from "./find-row";
import { logHistogram } from "./histogram";
import { readWithin } from "./limits";
import { listLogs } from "./list-logs";
import { logReader } from "./log-reader";

let ctx: Context;
const { clean, cleanToCsv } = setUpFilledLogs((context) => {
  ctx = context;
});

const FILTERS: NonNullable<LogQuery["filters"]>[] = [
  {},
  { filter: "request_path:/orders/7* -中文" },
  { ip_address: "2001:db8::/32" },
  { filter: "extra.n:12345678901234567890" },
  { min_response_time: "100", max_response_time: "200" },
];

const ARCHIVED = { include_archived: true } as const;

/** The rows of all pages, in both directions, without the mark. */
async function walk(query: LogQuery): Promise<{ rows: LogRow[]; back: number; archived: number }> {
  const rows: LogRow[] = [];
  let page = await listLogs(ctx, "access_logs", { ...query, page_size: 1_000, count: "none" });
  rows.push(...page.items);
  while (page.next_cursor) {
    page = await listLogs(ctx, "access_logs", { ...query, page_size: 1_000, cursor: page.next_cursor });
    rows.push(...page.items);
  }
  let back = page.items.length;
  while (page.prev_cursor) {
    page = await listLogs(ctx, "access_logs", { ...query, page_size: 1_000, cursor: page.prev_cursor });
    back += page.items.length;
  }
  const archived = rows.filter((row) => row.archived === true).length;
  return { rows: rows.map(({ archived: _, ...row }) => row as LogRow), back, archived };
}

async function answers(query: LogQuery) {
  const { rows, back } = await walk(query);
  const { page_size: _, ...selection } = query;
  const { count } = await countLogs(ctx, "access_logs", { ...selection, mode: "exact" });
  const { buckets, total } = await logHistogram(ctx, "access_logs", { ...selection, buckets: 40 });
  return { rows, back, count, total, buckets };
}

/** The answers to all filters. */
async function everything(options: Pick<LogQuery, "include_archived">) {
  const all: Awaited<ReturnType<typeof answers>>[] = [];
  for (const filters of FILTERS) all.push(await answers({ filters, ...options }));
  return all;
}

describe("lists, counts and histograms that include archived rows", () => {
  test("are those of before the cleanup: with Parquet and CSV archives, and after a restore of a part", async () => {
    const before = await everything({});
    // May and a part of August as CSV, then June and more of August as Parquet.
    await cleanToCsv({ days_to_keep: 160 });
    await clean({ days_to_keep: 75 });
    const formats = await ctx.db.sql<{ path: string }[]>`select path from archives`;
    expect(new Set(formats.map(({ path: key }) => key.replace(/^.*?\./, "")))).toEqual(new Set(["csv.gz", "parquet"]));
    expect((await countLogs(ctx, "access_logs", { mode: "exact" })).count).toBeLessThan(before[0]?.count ?? 0);
    expect(await everything(ARCHIVED)).toEqual(before);
    const [{ id } = { id: "" }] = await ctx.db.sql<{ id: string }[]>`
      select id from archives where month = '2026-06'`;
    await runRestore(ctx, jobRun({ archive_id: id, start_date: "2026-06-05", end_date: "2026-06-12" }));
    expect(await everything(ARCHIVED)).toEqual(before);
  });

  test("are complete over years in a time zone with summer time", async () => {
    await clean();
    const berlin = { ...ctx, config: { ...ctx.config, timeZone: "Europe/Berlin" } };
    const years = { ...ARCHIVED, start_date: "2022-01-01", end_date: "2026-12-31" };
    const { count } = await countLogs(berlin, "access_logs", { ...years, mode: "exact" });
    expect(await logHistogram(berlin, "access_logs", { ...years, buckets: 60 })).toMatchObject({ total: count });
  });

  test("are not estimated when counting takes too long", async () => {
    await clean();
    const table = browsedTables.access_logs;
    const count = countRows(ctx, table, readSelection(ctx, table, ARCHIVED), "estimate", 1);
    await expect(count).rejects.toMatchObject({ code: "query.timeout" });
  });

  test("read a table whose partitions cannot be dropped meanwhile", async () => {
    const locks = await readWithin(
      ctx,
      10_000,
      (db) =>
        db.execute(sql`
        select from pg_locks
        where pid = pg_backend_pid() and relation = 'access_logs'::regclass and mode = 'AccessShareLock'`),
      browsedTables.access_logs,
    );
    expect(locks).toHaveLength(1);
  });

  test("mark archived rows, and no others", async () => {
    const { archived_count } = await clean();
    const { rows, archived } = await walk(ARCHIVED);
    expect({ archived, other: rows.length - archived }).toEqual({
      archived: archived_count,
      other: (await countLogs(ctx, "access_logs", { mode: "exact" })).count,
    });
  });

  test("contain a row that was stored again once, as it is in the table; a corrected one as archived last", async () => {
    const { rows } = await walk({});
    await clean();
    const archived = rows.at(-1);
    await ensurePartitions(ctx.db.ddl.access_logs, "access_logs", ["2026-05"]);
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path)
      values (${archived?.id ?? ""}, ${archived?.created_at ?? ""}, '203.0.113.9', '/corrected')`;
    const stored = (await walk(ARCHIVED)).rows;
    expect(stored).toHaveLength(rows.length);
    expect(stored.at(-1)).toMatchObject({ id: archived?.id, request_path: "/corrected" });
    await clean();
    const last = (await walk(ARCHIVED)).rows;
    expect(last).toHaveLength(rows.length);
    expect(last.at(-1)).toMatchObject({ id: archived?.id, request_path: "/corrected" });
  });
});

describe("an archived row", () => {
  test("is masked for viewers as rows of the table are", async () => {
    const viewer = { kind: "user", id: "v", name: "viewer", role: "viewer" } as const;
    const reading = logReader(ctx, viewer);
    const query = { start_date: "2026-05-01", end_date: "2026-06-30", page_size: 1_000 } as const;
    const { items } = await reading.page("access_logs", query);
    await clean();
    const page = await reading.page("access_logs", { ...query, ...ARCHIVED });
    expect(page.items).toEqual(items.map((row) => ({ ...row, archived: true })));
    expect(page.items[0]?.ip_address).not.toBe("203.0.113.7");
  });

  test("is found by its key, with all values", async () => {
    const { rows } = await walk({});
    const old = rows.at(-1);
    const key = { id: old?.id ?? "", created_at: old?.created_at ?? "" };
    const before = await findLogRow(ctx, "access_logs", key);
    await clean();
    expect(await findLogRow(ctx, "access_logs", key)).toEqual({ ...before, archived: true });
    expect(await findLogRow(ctx, "access_logs", { ...key, id: "00000000-0000-4000-8000-000000000000" })).toBeNull();
  });
});

/** A context without prepared copies whose preparations are done by `system`, and whose users' statements time out. */
async function preparedBy(system: Partial<Context["columnar"]>): Promise<Context> {
  await rm(path.join(ctx.config.dataDir, "columnar/cache"), { recursive: true, force: true });
  const query = () => Promise.reject(new AppError("query.timeout", {}));
  return { ...ctx, columnar: { ...ctx.columnar, query, system: { ...ctx.columnar, ...system } } };
}

describe("the first search of CSV archives", () => {
  test("prepares them one at a time, without the time limit and the place of its user", async () => {
    const { rows } = await walk({});
    await cleanToCsv({ days_to_keep: 75 });
    let running = 0;
    const atOnce: number[] = [];
    const query: typeof ctx.columnar.query = async (statement, options) => {
      atOnce.push(++running);
      expect(options?.user).toBeUndefined();
      return await ctx.columnar.query(statement, options).finally(() => running--);
    };
    const on = await preparedBy({ query });
    const search = countLogs(on, "access_logs", { ...ARCHIVED, mode: "exact" });
    await expect(search).rejects.toMatchObject({ code: "query.timeout" });
    expect(atOnce.length).toBeGreaterThan(1);
    expect(Math.max(...atOnce)).toBe(1);
    const statements = atOnce.length;
    const prepared = { ...ctx, columnar: { ...ctx.columnar, system: on.columnar.system } };
    expect((await countLogs(prepared, "access_logs", { ...ARCHIVED, mode: "exact" })).count).toBe(rows.length);
    expect(atOnce).toHaveLength(statements);
  });

  test("ends with the months that are not ready, and an event that a newer archive contains is found meanwhile", async () => {
    const { rows } = await walk({});
    const old = rows.at(-1);
    await cleanToCsv({ days_to_keep: 75 });
    await ensurePartitions(ctx.db.ddl.access_logs, "access_logs", ["2026-05"]);
    const key = { id: old?.id ?? "", created_at: old?.created_at ?? "" };
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path)
      values (${key.id}, ${key.created_at}, '203.0.113.9', '/corrected')`;
    await clean({ days_to_keep: 75 });
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const waiting: typeof ctx.columnar.query = async (...parameters) => {
      await released;
      return await ctx.columnar.query(...parameters);
    };
    const on = await preparedBy({ query: waiting });
    const user = { ...on, columnar: { ...on.columnar, query: ctx.columnar.query } };
    expect(await findLogRow(user, "access_logs", key)).toMatchObject({ request_path: "/corrected" });
    const limits = { exactMs: 800, columnsMs: 500, sampleMs: 3_000, countableRows: 1 };
    await expect(logHistogram(on, "access_logs", { ...ARCHIVED, buckets: 5 }, limits)).rejects.toMatchObject({
      code: "archive.being_prepared",
      params: { months: expect.stringMatching(/^2026-05, 2026-06/) },
    });
    release();
    await expect.poll(async () => (await walk(ARCHIVED)).rows.length).toBe(rows.length);
  });
});

describe("archives whose files are not read", () => {
  const files = () => path.join(ctx.config.dataDir, "archives");
  const missing = { code: "archive.not_searchable", params: { months: expect.stringContaining("2026-05") } };
  /** Records the blocks of all archives that have none. */
  const fill = async () => {
    const { signal } = new AbortController();
    while (await fillArchiveBlocks(ctx, { signal, except: [], pause: async () => {} }));
    const [left] = await ctx.db.sql<{ count: number }[]>`select count(*)::int from archives where not has_blocks`;
    return left?.count;
  };

  test("are those without a searched word or value: Parquet at once, CSV when its blocks were computed", async () => {
    // One day has rows with the word.
    await ctx.db.sql`
      update access_logs set extra = '{"案号": "（2024）京01民终123号"}'
      where created_at >= '2026-05-03' and created_at < '2026-05-04'`;
    await cleanToCsv({ days_to_keep: 170 });
    await clean({ days_to_keep: 75 });
    const search = async (filter: string) => {
      const { items } = await listLogs(ctx, "access_logs", { ...ARCHIVED, filters: { filter }, page_size: 1_000 });
      const { count } = await countLogs(ctx, "access_logs", { ...ARCHIVED, filters: { filter }, mode: "exact" });
      const { total } = await logHistogram(ctx, "access_logs", { ...ARCHIVED, filters: { filter }, buckets: 5 });
      return [items.length, count, total];
    };
    expect(await search("京01民终123号")).toEqual([20, 20, 20]);
    expect(await fill()).toBe(0);
    await fill();
    expect(await search("京01民终123号")).toEqual([20, 20, 20]);
    await rm(files(), { recursive: true });
    await rm(path.join(ctx.config.dataDir, "columnar/cache"), { recursive: true, force: true });
    expect(await search("京01民终999号")).toEqual([0, 0, 0]);
    expect(await search('extra."案号":"no such case"')).toEqual([0, 0, 0]);
    await expect(search("京01民终123号")).rejects.toMatchObject(missing);
  });

  test("are older than a full page", async () => {
    const page = { page_size: 20, count: "none" } as const;
    const newest = await listLogs(ctx, "access_logs", page);
    await clean({ days_to_keep: 75 });
    await rm(files(), { recursive: true });
    const { items } = await listLogs(ctx, "access_logs", { ...ARCHIVED, ...page });
    expect(items).toEqual(newest.items);
    await expect(walk(ARCHIVED)).rejects.toMatchObject({ code: "archive.not_searchable" });
  });

  test("do not hide that a newer archive corrects their rows", async () => {
    const { rows } = await walk({});
    await ctx.db.sql`update access_logs set request_path = '/first-version' where id = ${rows.at(-1)?.id ?? ""}`;
    await clean();
    const key = [rows.at(-1)?.id ?? "", rows.at(-1)?.created_at ?? ""] as const;
    await ensurePartitions(ctx.db.ddl.access_logs, "access_logs", ["2026-05"]);
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path)
      values (${key[0]}, ${key[1]}, '203.0.113.9', '/second-version')`;
    await clean();
    const found = async (filter: string) =>
      (await listLogs(ctx, "access_logs", { ...ARCHIVED, filters: { filter } })).items.length;
    expect(await found("first-version")).toBe(0);
    expect(await found("second-version")).toBe(1);
  });

  test("have no blocks after their retention", async () => {
    await clean();
    const count = async () => (await ctx.db.sql`select from archive_blocks`).count;
    expect(await count()).toBeGreaterThan(0);
    await ctx.db
      .sql`update archives set completed_at = now() - interval '9 days', removed_at = now() - interval '9 days'`;
    const expiring = { ...ctx, config: { ...ctx.config, archivesRetentionDays: 1 } };
    await withMaintenance(expiring, "access_logs", UNFENCED, (maintenance) =>
      expireArchives(expiring, "access_logs", maintenance),
    );
    expect(await ctx.db.sql`select from archives where state <> 'expired'`).toHaveLength(0);
    expect(await count()).toBe(0);
  });
});

describe("an archive that cannot be read", () => {
  test("because it is on another machine's disk or damaged is named, instead of fewer rows", async () => {
    await clean();
    const refusal = { code: "archive.not_searchable", params: { months: "2026-06" } };
    await ctx.db.sql`update archives set store = 'disk:00000000-0000-4000-8000-000000000000' where month = '2026-06'`;
    await expect(walk(ARCHIVED)).rejects.toMatchObject(refusal);
    await expect(countLogs(ctx, "access_logs", { ...ARCHIVED, mode: "exact" })).rejects.toMatchObject(refusal);
    // Other months are not affected.
    await listLogs(ctx, "access_logs", { ...ARCHIVED, start_date: "2026-07-01" });
    await ctx.db.sql`update archives set store = ${ctx.files.current.id} where month = '2026-06'`;
    const [{ key } = { key: "" }] = await ctx.db.sql<{ key: string }[]>`
      select path as key from archives where month = '2026-06'`;
    await truncate(path.join(ctx.config.dataDir, key), 1_000);
    await expect(listLogs(ctx, "access_logs", { ...ARCHIVED, end_date: "2026-07-01" })).rejects.toMatchObject(refusal);
  });
});
