import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { createUser } from "@/server/services/accounts";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { bucketEdges } from "./buckets";
import type { LogFilters } from "./contract";
import { countLogs, countRows } from "./count";
import { logHistogram } from "./histogram";
import { read } from "./limits";
import { listViews, removeView, saveView } from "./saved-views";
import { readSessionContext } from "./session-context";
import { suggestMembers } from "./suggest/suggest-members";
import { suggestValues } from "./suggest/suggest-values";

let test: TestContext;
let ctx: Context;

/** A row every minute over ten hours, which span two days in Shanghai. */
const at = (n: number) => new Date(Date.UTC(2026, 2, 31, 10, n)).toISOString();
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

beforeAll(async () => {
  test = await createTestContext({ env: { APP_TIMEZONE: "Asia/Shanghai" } });
  ctx = test.context;
  await insertAccessLogs(
    ctx,
    Array.from({ length: 600 }, (_, n) => ({
      id: uuid(n),
      ip_address: "203.0.113.7",
      request_path: `/page/${n % 10}`,
      status_code: n % 3 === 0 ? 404 : 200,
      session_id: n % 2 === 0 ? "even" : "odd",
      browser: n % 4 === 0 ? "Firefox" : "Chrome",
      created_at: at(n),
    })),
  );
});
afterAll(() => test.close());

describe("The histogram of a log table", () => {
  it("distributes every row over round buckets, including empty ones", async () => {
    const histogram = await logHistogram(ctx, "access_logs", { buckets: 60 });
    expect(histogram).toMatchObject({
      start: "2026-03-31T10:00:00.000000Z",
      end: "2026-03-31T19:59:00.000001Z",
      bucket_seconds: 600,
      is_exact: true,
      total: 600,
    });
    expect(histogram.buckets).toHaveLength(60);
    expect(histogram.buckets[0]).toEqual({
      at: "2026-03-31T10:00:00.000000Z",
      count: 10,
      by_status: { "2xx": 6, "4xx": 4 },
    });
    const wide = await logHistogram(ctx, "access_logs", {
      buckets: 10,
      start_date: "2026-03-31T00:00:00Z",
      end_date: "2026-04-01T23:59:59Z",
    });
    expect(wide.buckets.map(({ count }) => count)).toEqual([0, 0, 360, 240, 0, 0, 0, 0, 0]);
  });

  it("starts days at midnight in the user's time zone", async () => {
    const days = { start_date: "2026-03-31", end_date: "2026-04-01", buckets: 2 };
    const histogram = await logHistogram(ctx, "access_logs", days);
    expect(histogram.buckets.map(({ at, count }) => [at, count])).toEqual([
      ["2026-03-30T16:00:00.000000Z", 360],
      ["2026-03-31T16:00:00.000000Z", 240],
    ]);
  });

  it("uses the available width for a quarter with bars of two days, across a DST change", () => {
    const { seconds, edges } = bucketEdges(
      "2026-02-01T05:00:00.000000Z",
      "2026-05-01T22:00:00.000000Z",
      48,
      "Europe/Berlin",
    );
    expect([seconds, edges.length - 1]).toEqual([172_800, 45]);
    expect(edges.slice(0, 2)).toEqual(["2026-01-31T23:00:00.000000Z", "2026-02-02T23:00:00.000000Z"]);
    expect(edges.at(-1)).toBe("2026-05-01T22:00:00.000000Z");
  });

  it("applies filters and range, and is empty without rows", async () => {
    const range = { start_date: "2026-03-31T10:00:00Z", end_date: "2026-03-31T10:59:59Z", buckets: 60 };
    const some = await logHistogram(ctx, "access_logs", { ...range, filters: { status_code: "404" } });
    expect([some.total, some.bucket_seconds, some.buckets.length]).toEqual([20, 60, 60]);
    expect(await logHistogram(ctx, "user_activities", { buckets: 60 })).toMatchObject({ total: 0, is_exact: true });
    const ages = { start_date: "1970-01-01", end_date: "2100-12-31", buckets: 200 };
    expect((await logHistogram(ctx, "access_logs", ages)).total).toBe(600);
  });
});

describe("A count", () => {
  it("is exact for few rows", async () => {
    const counted = { count: 200, is_exact: true, gave_up: false };
    const query = { filters: { status_code: "4xx" } };
    expect(await countLogs(ctx, "access_logs", { ...query, mode: "estimate" })).toEqual(counted);
    expect(await countLogs(ctx, "access_logs", { ...query, mode: "exact" })).toEqual(counted);
  });
});

describe("The context of a row", () => {
  it("is the rows of its session before and after it, oldest first", async () => {
    const row = { session_id: "even", created_at: "2026-03-31T10:10:00Z", id: uuid(10), limit: 3 };
    const { before, after } = await readSessionContext(ctx, "access_logs", row);
    expect(before.map(({ id }) => id)).toEqual([uuid(4), uuid(6), uuid(8)]);
    expect(after.map(({ id }) => id)).toEqual([uuid(12), uuid(14), uuid(16)]);
  });
});

describe("Suggested values", () => {
  it("are the most frequent first, before and after PostgreSQL has statistics", async () => {
    const wanted = {
      values: [
        { value: "Chrome", share: expect.closeTo(0.75) },
        { value: "Firefox", share: expect.closeTo(0.25) },
      ],
    };
    expect(await suggestValues(ctx, "access_logs", { column: "browser" })).toEqual(wanted);
    await ctx.db.sql`analyze access_logs`;
    expect(await suggestValues(ctx, "access_logs", { column: "browser" })).toEqual(wanted);
    expect(await suggestValues(ctx, "access_logs", { column: "status_code" })).toMatchObject({
      values: [{ value: "200" }, { value: "404" }],
    });
    expect(await suggestValues(ctx, "access_logs", { column: "ip_address", search: "203" })).toMatchObject({
      values: [{ value: "203.0.113.7", share: 1 }],
    });
  });

  it("contain the search text, in any case", async () => {
    const { values } = await suggestValues(ctx, "access_logs", { column: "browser", search: "FIRE" });
    expect(values.map(({ value }) => value)).toEqual(["Firefox"]);
  });

  it("are those of the rows that match the other filters and the time range", async () => {
    const valuesOf = async (column: string, query: LogFilters) =>
      (await suggestValues(ctx, "access_logs", { column, ...query })).values.map(({ value }) => value);
    const firefox = { filters: { browser: "Firefox", status_code: "404" } };
    expect(await valuesOf("session_id", firefox)).toEqual(["even"]);
    expect(await valuesOf("route", { filters: { filter: "request_path:*/7" } })).toEqual(["/page/:id"]);
    expect(await valuesOf("request_path", { start_date: at(590), end_date: at(592) })).toEqual([
      "/page/0",
      "/page/1",
      "/page/2",
    ]);
    expect(await valuesOf("status_class", {})).toEqual(["2xx", "4xx"]);
    await expect(valuesOf("browser", { filters: { filter: "(" } })).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
  });

  it.each(["response_time", "id", "nothing", "extra", "a b", "'; drop table access_logs"])(
    "are rejected for %s",
    async (column) => {
      await expect(suggestValues(ctx, "access_logs", { column })).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
    },
  );
});

describe("Suggested members of JSON columns", () => {
  beforeAll(async () => {
    const details = (n: number) => ({
      案号: `（2024）京01民终${n}号`,
      order: { "case no.": n, items: [{ price: 1.5 }, { weight: 2 }] },
      ...(n === 9 ? { note: "x".repeat(500), empty: null } : {}),
    });
    await insertUserActivities(
      ctx,
      Array.from({ length: 10 }, (_, n) => ({
        user_id: `u${n % 2}`,
        action: "open",
        details: n === 0 ? "no object" : details(n),
        extra: n === 5 ? { source: "wechat" } : undefined,
        created_at: at(n),
      })),
    );
  });

  afterAll(async () => {
    await ctx.db.sql`delete from user_activity_logs`;
  });

  it("are in the newest rows that match the filters, as written in expressions, with an example", async () => {
    const { members } = await suggestMembers(ctx, "user_activities", {});
    expect(members).toEqual([
      { field: 'details.order."case no."', example: "9", share: 0.9 },
      { field: "details.order.items.0.price", example: "1.5", share: 0.9 },
      { field: "details.案号", example: "（2024）京01民终9号", share: 0.9 },
      { field: "details.note", example: `${"x".repeat(100)}…`, share: 0.1 },
      { field: "extra.source", example: "wechat", share: 0.1 },
    ]);
    const some = await suggestMembers(ctx, "user_activities", { filters: { user_id: "u0" } });
    expect(some.members.map(({ field }) => field)).not.toContain("extra.source");
  });

  it("each have values", async () => {
    for (const { field } of (await suggestMembers(ctx, "user_activities", {})).members) {
      if (field === "details.note") continue;
      expect((await suggestValues(ctx, "user_activities", { column: field })).values).not.toEqual([]);
    }
  });
});

describe("Saved views", () => {
  const person = async (name: string): Promise<Principal> => {
    const email = `${name}@example.com`;
    await createUser(ctx, { email, password: "correct horse battery", role: "viewer" });
    const [row] = await ctx.db.sql<{ id: string }[]>`select id from "user" where email = ${email}`;
    return { kind: "user", id: row?.id ?? "", name, role: "viewer" };
  };

  it("belong to one user, by name, and are replaced under the same name", async () => {
    const [ann, bob] = [await person("ann"), await person("bob")];
    await saveView(ctx, ann, { table: "access_logs", name: "errors", search: "status_code=4xx" });
    const saved = await saveView(ctx, ann, { table: "access_logs", name: "errors", search: "status_code=5xx" });
    await saveView(ctx, ann, { table: "access_logs", name: "a day", search: "range=24h" });
    const views = await listViews(ctx, ann, "access_logs");
    expect(views.map(({ name, search }) => [name, search])).toEqual([
      ["a day", "range=24h"],
      ["errors", "status_code=5xx"],
    ]);
    expect(await listViews(ctx, ann, "user_activities")).toEqual([]);
    expect(await listViews(ctx, bob, "access_logs")).toEqual([]);
    await expect(removeView(ctx, bob, saved.id)).rejects.toMatchObject({ kind: "NOT_FOUND" });
    await removeView(ctx, ann, saved.id);
    expect(await listViews(ctx, ann, "access_logs")).toHaveLength(1);
  });

  it("are rejected for API keys", async () => {
    const key: Principal = { kind: "api_key", id: uuid(1), name: "key", role: "admin" };
    expect(await listViews(ctx, key, "access_logs")).toEqual([]);
    await expect(saveView(ctx, key, { table: "access_logs", name: "x", search: "" })).rejects.toMatchObject({
      kind: "FORBIDDEN",
    });
  });
});

it("Activities have no status to classify", async () => {
  await insertUserActivities(ctx, [{ user_id: "7", action: "login", created_at: "2026-03-31T10:00:00Z" }]);
  const { buckets } = await logHistogram(ctx, "user_activities", { buckets: 10 });
  expect(buckets).toEqual([{ at: "2026-03-31T10:00:00.000000Z", count: 1 }]);
});

describe("A query that takes too long", () => {
  /** Each row takes 10 ms, so that 600 take six seconds. */
  const slow = sql`pg_sleep(0.01) is not null`;

  it("returns an estimate instead of an exact count, and reports it", async () => {
    const counted = await countRows(
      ctx,
      logTables.access_logs,
      { range: [], columnar: [], columns: [slow] },
      "exact",
      100,
    );
    expect(counted).toMatchObject({ is_exact: false, gave_up: true });
    expect(counted.count).toBeGreaterThan(0);
  });

  it("is cancelled, and the error recommends narrowing it", async () => {
    const stopped = read(ctx, async (db) => {
      await db.transaction(async (tx) => {
        await tx.execute(sql`set local statement_timeout = 100`);
        await tx.execute(sql`select 1 from access_logs where ${slow}`);
      });
    });
    await expect(stopped).rejects.toMatchObject({
      kind: "UNPROCESSABLE",
      message: expect.stringContaining("Narrow the time range"),
    });
    const [left] = await ctx.db
      .sql`select 1 from pg_stat_activity where query like '%pg_sleep(0.01)%' and state = 'active' and pid <> pg_backend_pid()`;
    expect(left).toBeUndefined();
  });

  it("makes a histogram use a sample, marked as an estimate", async () => {
    await ctx.db.sql`analyze access_logs`;
    const limits = { exactMs: 800, columnsMs: 800, sampleMs: 3_000, countableRows: 0 };
    const histogram = await logHistogram(ctx, "access_logs", { buckets: 10 }, limits);
    expect(histogram.is_exact).toBe(false);
    // 600 rows are a few blocks, nearly all of which are read.
    expect(histogram.total).toBeLessThanOrEqual(700);
  });
});
