import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { LogQuery } from "./contract";
import { listLogs } from "./list-logs";

let test: TestContext;
let ctx: Context;

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** 300 rows over three months: many in the same microsecond, some a microsecond apart. */
const events = Array.from({ length: 300 }, (_, n) => ({
  id: uuid(n),
  created_at:
    n < 200
      ? "2026-10-31T23:59:59.999999Z"
      : n < 250
        ? `2026-11-01T00:00:00.000${String(n)}Z`
        : `2026-09-0${1 + (n % 9)}T00:00:00Z`,
  ip_address: n % 2 === 0 ? `10.0.${n % 7}.${n % 250}` : `2001:db8::${n.toString(16)}`,
  request_path: n % 3 === 0 ? `/api/cases/${n}` : `/login/${"x".repeat(300)}${n}`,
  request_method: n % 5 === 0 ? "POST" : "GET",
  status_code: [200, 301, 404, 500][n % 4],
  response_time: n,
}));

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  await insertAccessLogs(ctx, events);
});

afterAll(() => test.close());

const list = (query: LogQuery) => listLogs(ctx, "access_logs", query);

async function walk(query: LogQuery) {
  const pages: string[][] = [];
  let cursor: string | undefined;
  let prev: string | null = null;
  do {
    const page = await list({ ...query, cursor });
    pages.push(page.items.map((row) => row.id));
    cursor = page.next_cursor ?? undefined;
    prev = page.prev_cursor;
  } while (cursor);
  return { pages, prev };
}

describe("Paging through access logs", () => {
  const newestFirst = [...events].sort((a, b) => {
    const [left, right] = [a, b].map((e) => e.created_at.replace(/:00Z$/, ":00.000000Z") + e.id);
    return (left ?? "") < (right ?? "") ? 1 : -1;
  });

  it.each([1, 7, 20, 299, 300, 1000])("returns every row once, newest first, %i per page", async (pageSize) => {
    const { pages } = await walk({ page_size: pageSize });
    expect(pages.flat()).toEqual(newestFirst.map((event) => event.id));
    expect(pages.every((page) => page.length <= pageSize)).toBe(true);
  });

  it("returns the same pages backward", async () => {
    const { pages, prev } = await walk({ page_size: 37 });
    const back: string[][] = [];
    for (let cursor = prev; cursor; ) {
      const page = await list({ page_size: 37, cursor });
      back.unshift(page.items.map((row) => row.id));
      expect(page.has_next).toBe(true);
      cursor = page.prev_cursor;
    }
    expect(back).toEqual(pages.slice(0, -1));
  });

  it("returns rows oldest first on request", async () => {
    const { pages } = await walk({ page_size: 50, sort: "created_at" });
    expect(pages.flat()).toEqual(newestFirst.map((event) => event.id).reverse());
  });

  it("returns pages by number with their count", async () => {
    const page = await list({ page: 15, page_size: 20 });
    expect(page).toMatchObject({
      page: 15,
      total: 300,
      total_is_exact: true,
      total_pages: 15,
      has_next: false,
      has_prev: true,
    });
    expect(page.items.map((row) => row.id)).toEqual(newestFirst.slice(280).map((event) => event.id));
  });

  it("leads from a time before all rows to the oldest ones, and ends there", async () => {
    const nothing = await list({ at: "2020-01-01", page_size: 20 });
    expect(nothing).toMatchObject({ items: [], has_next: false, has_prev: true });
    const oldest = await list({ page_size: 20, cursor: nothing.prev_cursor ?? "" });
    expect(oldest.items.map((row) => row.id)).toEqual(newestFirst.slice(-20).map((event) => event.id));
    expect(oldest).toMatchObject({ has_next: false, next_cursor: null, has_prev: true });
  });

  it("leads from a page after the last back to the last rows, and from an empty list nowhere", async () => {
    const past = await list({ page: 40, page_size: 20 });
    expect(past).toMatchObject({ items: [], page: 40, total_pages: 15, has_next: false, has_prev: true });
    const last = await list({ page_size: 20, cursor: past.prev_cursor ?? "" });
    expect(last.items.map((row) => row.id)).toEqual(newestFirst.slice(-20).map((event) => event.id));
    expect(last).toMatchObject({ has_next: false, next_cursor: null, has_prev: true });
    const none = await list({ filters: { user_id: "nobody" }, page: 3, page_size: 20 });
    expect(none).toMatchObject({ items: [], has_next: false, has_prev: false, next_cursor: null, prev_cursor: null });
  });

  it("returns times in UTC with microseconds and addresses unchanged", async () => {
    const page = await list({ filters: { ip_address: "2001:db8::1" } });
    expect(page.items).toMatchObject([{ created_at: "2026-10-31T23:59:59.999999Z", ip_address: "2001:db8::1" }]);
  });

  const like = (filters: Record<string, string>, match: (event: (typeof events)[number]) => boolean) =>
    [filters, match] as const;
  it.each([
    like({ request_path: "/api/cases/3" }, (e) => e.request_path === "/api/cases/3"),
    like({ request_path: "/api/*" }, (e) => e.request_path.startsWith("/api/")),
    like({ request_path: `/login/${"x".repeat(300)}2*` }, (e) =>
      e.request_path.startsWith(`/login/${"x".repeat(300)}2`),
    ),
    like({ request_path: `/login/${"x".repeat(300)}2` }, (e) => e.request_path === `/login/${"x".repeat(300)}2`),
    like({ ip_address: "10.0.3.0/24" }, (e) => e.ip_address.startsWith("10.0.3.")),
    like({ ip_address: "2001:db8::/32" }, (e) => e.ip_address.startsWith("2001:db8:")),
    like({ status_code: "404" }, (e) => e.status_code === 404),
    like({ status_code: "4xx,301" }, (e) => e.status_code === 404 || e.status_code === 301),
    like({ min_response_time: "10", max_response_time: "20" }, (e) => e.response_time >= 10 && e.response_time <= 20),
    like({ request_method: "POST", status_code: "5xx" }, (e) => e.request_method === "POST" && e.status_code === 500),
    like({ user_id: "nobody" }, () => false),
  ])("filters by %j", async (filters, match) => {
    const page = await list({ filters, page_size: 1000, count: "exact" });
    const wanted = events.filter(match).map((event) => event.id);
    expect(page.items.map((row) => row.id).sort()).toEqual(wanted.sort());
    expect(page.total).toBe(wanted.length);
  });

  it("includes both ends of a range, the end to its own precision", async () => {
    const range = { start_date: "2026-10-31T23:59:59Z", end_date: "2026-10-31T23:59:59Z", page_size: 1000 };
    expect((await list(range)).items).toHaveLength(200);
    // A day in Asia/Shanghai, which is ahead of UTC.
    expect((await list({ start_date: "2026-11-01", end_date: "2026-11-01", page_size: 1000 })).items).toHaveLength(250);
  });

  it.each([
    [{ page_size: 0 }, "page_size"],
    [{ page_size: 1001 }, "page_size"],
    [{ page: 0 }, "page"],
    [{ page: -1 }, "page"],
    [{ page: 1e9 }, "page"],
    [{ filters: { status_code: "abc" } }, "status_code"],
    [{ filters: { ip_address: "10.0.0.0/33" } }, "ip_address"],
    [{ filters: { ip_address: "'; drop table access_logs" } }, "ip_address"],
    [{ filters: { user_agent: "x" } }, "user_agent"],
    [{ filters: { user_id: "x".repeat(10_000) } }, "user_id"],
    [{ filters: { min_response_time: "1.5" } }, "min_response_time"],
    [{ start_date: "yesterday" }, "start_date"],
    [{ end_date: "2026-02-30" }, "end_date"],
    [{ start_date: "2026-11-21", end_date: "2026-11-20" }, "end_date"],
    [{ start_date: "2026-11-21T08:00:01", end_date: "2026-11-21T08:00:00" }, "end_date"],
  ] as [LogQuery, string][])("rejects %j and names the parameter", async (query, path) => {
    await expect(list(query)).rejects.toMatchObject({ kind: "UNPROCESSABLE", errors: [{ path }] });
  });

  it.each([
    [{ page_size: 0 }, "page_size", "number"],
    [{ page: 0 }, "page", "number"],
    [{ page: 1e9 }, "page", "too_deep"],
    [{ at: "yesterday" }, "at", "not_time"],
    [{ at: "2026-11-01", page: 2 }, "at", "one_start"],
    [{ cursor: "x", page: 2 }, "page", "one_start"],
    [{ cursor: "x" }, "cursor", "other_list"],
  ] as [LogQuery, string, string][])(
    "rejects %j with the parameter and an error code",
    async (query, path, problem) => {
      const refusal: unknown = await list(query).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ errors: [{ path, code: `input.${problem}` }] });
    },
  );

  it("rejects a cursor that was truncated, changed, or created for other filters or another table", async () => {
    const cursor = (await list({ page_size: 5 })).next_cursor ?? "";
    const last = cursor.at(-1) === "A" ? "B" : "A";
    for (const bad of ["", "x", cursor.slice(0, -1), cursor.slice(0, -1) + last, `${cursor}A`]) {
      await expect(list({ cursor: bad })).rejects.toMatchObject({ kind: "BAD_REQUEST" });
    }
    await expect(list({ cursor, filters: { status_code: "200" } })).rejects.toMatchObject({ kind: "BAD_REQUEST" });
    await expect(list({ cursor, sort: "created_at" })).rejects.toMatchObject({ kind: "BAD_REQUEST" });
    await expect(listLogs(ctx, "user_activities", { cursor })).rejects.toMatchObject({ kind: "BAD_REQUEST" });
  });
});
