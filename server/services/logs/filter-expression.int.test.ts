import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrowsedTableName, browsedTables, type Column } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { previewExport } from "@/server/services/exports";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { countLogs } from "./count";
import { readFilters } from "./filters";
import { logHistogram } from "./histogram";
import { listLogs } from "./list-logs";
import { tailLogs } from "./tail-logs";

let test: TestContext;
let ctx: Context;

const ROWS = 900;
/** Rows of three kinds in turn: with nulls, with empty texts, with values. */
const at = (n: number) => new Date(Date.UTC(2026, 4, 1, 0, n)).toISOString();
const ofKind = <T>(n: number, value: T, empty: T | null) => [null, empty, value][n % 3];

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  await insertAccessLogs(
    ctx,
    Array.from({ length: ROWS }, (_, n) => ({
      ip_address: "203.0.113.7",
      request_path: n % 3 === 1 ? "/other" : n % 3 === 2 ? "/files/*" : "/files/a",
      created_at: at(n),
      request_method: n % 3 === 0 ? undefined : "GET",
      status_code: n % 3 === 0 ? undefined : 200 + (n % 3),
      response_time: n % 3 === 0 ? undefined : 12,
      ...Object.fromEntries(
        [
          "user_id",
          "session_id",
          "user_agent",
          "referer",
          "device_type",
          "browser",
          "os",
          "country",
          "region",
          "city",
        ].map((name) => [name, ofKind(n, `${name} ${n % 5}`, "")]),
      ),
    })),
  );
  await insertUserActivities(
    ctx,
    Array.from({ length: ROWS }, (_, n) => ({
      user_id: `u${n % 4}`,
      action: "login",
      created_at: at(n),
      ...Object.fromEntries(
        ["resource_type", "resource_id", "ip_address", "session_id"].map((name) => [name, ofKind(n, `${name}`, "")]),
      ),
    })),
  );
});
afterAll(() => test.close());

/** The expected rows, by an independent statement. */
async function rowsWhere(table: BrowsedTableName, condition: string): Promise<number> {
  const [row] = await ctx.db.sql.unsafe<{ rows: number }[]>(
    `select count(*)::int as rows from ${browsedTables[table].tableName} where ${condition}`,
  );
  return row?.rows ?? 0;
}

const FORMS: [value: string, isAsked: (column: Column) => boolean, condition: (name: string) => string][] = [
  ["null", () => true, (name) => `${name} is null`],
  ["*", () => true, (name) => `${name} is not null`],
  ['""', ({ type }) => type === "text", (name) => `${name} = ''`],
];

describe.each(["access_logs", "user_activities"] as const)("For %s, every column can be filtered", (table) => {
  const cases = browsedTables[table].columns.flatMap((column: Column) =>
    FORMS.filter(([, isAsked]) => isAsked(column)).map(([value, , condition]) => [
      `${column.name}:${value}`,
      condition(column.name),
    ]),
  );

  it.each(cases)("%s, with the same result in lists by cursor, counts and histograms", async (filter, condition) => {
    const expected = await rowsWhere(table, condition);
    const filters = { filter };
    const ids = new Set<unknown>();
    let cursor: string | undefined;
    do {
      const page = await listLogs(ctx, table, { filters, page_size: 500, cursor });
      for (const { id } of page.items) ids.add(id);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(ids.size).toBe(expected);
    expect(await countLogs(ctx, table, { filters, mode: "exact" })).toMatchObject({ count: expected, is_exact: true });
    expect((await logHistogram(ctx, table, { filters, buckets: 10 })).total).toBe(expected);
  });
});

describe("A filter expression", () => {
  it("is combined with the other filters by AND", async () => {
    const filters = { filter: "user_id:* city:*", browser: "browser 3", status_code: "2xx" };
    const { total } = await listLogs(ctx, "access_logs", { filters });
    expect(total).toBe(
      await rowsWhere("access_logs", "user_id is not null and city is not null and browser = 'browser 3'"),
    );
    expect(total).toBeGreaterThan(0);
  });

  it("also restricts exports and the live tail", async () => {
    const filters = { filter: "user_id:null" };
    const params = { export_type: "access_logs", format: "csv", filters, compress: "none", bom: false } as const;
    expect((await previewExport(ctx, params)).row_count).toBe(ROWS / 3);

    const stop = new AbortController();
    const batches = tailLogs(ctx, "access_logs", { filters }, stop.signal);
    await batches.next();
    const event = (path: string, user_id?: string) => ({ ip_address: "203.0.113.7", request_path: path, user_id });
    await insertAccessLogs(ctx, [event("/somebody", "u1"), event("/nobody")]);
    const { value } = await batches.next();
    stop.abort();
    await batches.return(undefined);
    expect(value?.rows.map((row: Record<string, unknown>) => row.request_path)).toEqual(["/nobody"]);
    await ctx.db.sql`delete from access_logs where request_path in ('/somebody', '/nobody')`;
  });

  it("shows rows without a status as such in the histogram, not as 200", async () => {
    const { buckets } = await logHistogram(ctx, "access_logs", { filters: { filter: "status_code:null" }, buckets: 1 });
    expect(buckets.map(({ by_status }) => by_status)).toEqual([{ none: ROWS / 3 }]);
    const ok = await logHistogram(ctx, "access_logs", { filters: { status_code: "2xx" }, buckets: 1 });
    expect(ok.total).toBe((2 * ROWS) / 3);
  });

  it("finds rows without a value by the index of values", async () => {
    const conditions = readFilters(browsedTables.access_logs, { filters: { filter: "user_id:null" } }, "UTC");
    const { sql: text } = new PgDialect().sqlToQuery(sql.join([...(conditions.indexed ?? [])], sql` and `));
    const plan = await ctx.db.sql.begin(async (tx) => {
      await tx`set local enable_seqscan = off`;
      return await tx.unsafe<{ "QUERY PLAN": string }[]>(`explain select from access_logs where ${text}`);
    });
    expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).toContain("Bitmap Index Scan");
  });
});

describe("A prefix filter", () => {
  it("matches a literal star in the path when it is escaped", async () => {
    const total = async (request_path: string) =>
      (await listLogs(ctx, "access_logs", { filters: { request_path } })).total;
    expect(await total("/files/*")).toBe((2 * ROWS) / 3);
    expect(await total("/files/\\*")).toBe(ROWS / 3);
    expect(await total("/files/\\**")).toBe(ROWS / 3);
    expect(await total("/files/a\\*")).toBe(0);
  });
});
