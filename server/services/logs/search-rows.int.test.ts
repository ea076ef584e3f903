import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_MS } from "@/server/db/values-index";
import type { Context } from "@/server/process/context";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { LogPage, LogQuery } from "./contract";
import { listLogs } from "./list-logs";

let test: TestContext;
let ctx: Context;

const ROWS = 12_000;
const OLDEST = Date.parse("2026-08-01T00:00:00Z");
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/**
 * Rows at intervals of ten minutes over nearly three months, with a burst of 4,000 rows in one microsecond in the
 * middle. Values are common, occasional, in three rows, only in old rows, or only in the burst.
 */
const events = Array.from({ length: ROWS }, (_, n) => {
  const isBurst = n >= 4_000 && n < 8_000;
  return {
    id: uuid(n),
    created_at: new Date(OLDEST + (isBurst ? 4_000 : n) * 600_000).toISOString(),
    ip_address: n % 4_000 === 17 ? "203.0.113.9" : n % 50 === 0 ? `198.51.100.${n % 250}` : "10.0.0.1",
    request_path: n % 4_000 === 17 ? "/rare/page" : n % 50 === 0 ? `/now/${n}` : "/common",
    request_method: n % 4_000 === 17 ? "TRACE" : "GET",
    status_code: n % 4_000 === 17 ? 418 : n % 50 === 0 ? 503 : 200,
    response_time: n % 4_000 === 17 ? 700_000 : n % 50 === 0 ? 1_200 : 20 + (n % 7),
    user_id: n % 2 === 0 ? null : n % 4_000 === 17 ? "rare" : `user-${n % 3}`,
    browser: n < 3_000 ? "Netscape" : isBurst ? "Burst" : "Chrome",
    country: "中国",
  };
});
type Event = (typeof events)[number];

const newestFirst = [...events].sort((a, b) => (a.created_at + a.id < b.created_at + b.id ? 1 : -1));

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  await insertAccessLogs(ctx, events);
});

afterAll(() => test.close());

const cases: [Record<string, string>, (event: Event) => boolean][] = [
  [{ browser: "Chrome" }, (e) => e.browser === "Chrome"],
  [{ browser: "Netscape" }, (e) => e.browser === "Netscape"],
  [{ browser: "Burst" }, (e) => e.browser === "Burst"],
  [{ browser: "Mosaic" }, () => false],
  [{ not_browser: "Chrome" }, (e) => e.browser !== "Chrome"],
  [{ user_id: "rare" }, (e) => e.user_id === "rare"],
  [{ not_user_id: "user-1" }, (e) => e.user_id !== "user-1"],
  [{ status_code: "418" }, (e) => e.status_code === 418],
  [{ status_code: "5xx,418" }, (e) => e.status_code !== 200],
  [{ status_code: "1xx" }, () => false],
  [{ not_status_code: "2xx" }, (e) => e.status_code !== 200],
  [{ min_response_time: "600000" }, (e) => e.response_time >= 600_000],
  [{ min_response_time: "1150" }, (e) => e.response_time >= 1_150],
  [{ max_response_time: "21" }, (e) => e.response_time <= 21],
  [{ max_response_time: "0" }, () => false],
  [{ request_path: "/rare/*" }, (e) => e.request_path.startsWith("/rare/")],
  [{ not_request_path: "/common*" }, (e) => e.request_path !== "/common"],
  [{ request_path: "/now/1000" }, (e) => e.request_path === "/now/1000"],
  [{ ip_address: "203.0.113.0/24" }, (e) => e.ip_address.startsWith("203.0.113.")],
  [{ not_ip_address: "10.0.0.0/8" }, (e) => !e.ip_address.startsWith("10.")],
  [{ request_method: "TRACE", browser: "Burst" }, (e) => e.request_method === "TRACE" && e.browser === "Burst"],
  [{ country: "中国", not_request_method: "GET" }, (e) => e.request_method !== "GET"],
];

describe("The first page of a filter, for any distribution of its rows", () => {
  it.each(cases)(
    "%j: newest and oldest first, from the middle, within a range, and in pages",
    async (filters, match) => {
      const list = async (query: LogQuery) =>
        (await listLogs(ctx, "access_logs", { ...query, filters })).items.map((row) => row.id);
      const wanted = newestFirst.filter(match);
      const ids = (rows: Event[]) => rows.map((row) => row.id);
      expect(await list({ page_size: 30 })).toEqual(ids(wanted.slice(0, 30)));
      expect(await list({ page_size: 30, sort: "created_at" })).toEqual(ids(wanted.slice(-30).reverse()));
      expect(await list({ page: 3, page_size: 30 })).toEqual(ids(wanted.slice(60, 90)));
      const middle = new Date(OLDEST + 2_500 * 600_000).toISOString();
      expect(await list({ page_size: 30, at: middle })).toEqual(
        ids(wanted.filter((event) => event.created_at <= middle).slice(0, 30)),
      );
      expect(await list({ page_size: 30, at: middle, sort: "created_at" })).toEqual(
        ids(
          wanted
            .filter((event) => event.created_at >= middle)
            .reverse()
            .slice(0, 30),
        ),
      );
      expect(await list({ page_size: 30, end_date: middle })).toEqual(
        ids(wanted.filter((event) => event.created_at <= middle).slice(0, 30)),
      );
      expect(await list({ page_size: 30, start_date: middle, sort: "created_at" })).toEqual(
        ids(
          wanted
            .filter((event) => event.created_at >= middle)
            .reverse()
            .slice(0, 30),
        ),
      );
    },
  );

  it("returns thousands of rows of one microsecond and the rows around them, each once", async () => {
    const walked: string[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
      const page = await listLogs(ctx, "access_logs", {
        filters: { not_browser: "Opera", country: "中国" },
        page_size: 1000,
        cursor,
      });
      walked.push(...page.items.map((row) => row.id));
      cursor = page.next_cursor ?? undefined;
    }
    expect(walked).toEqual(newestFirst.map((event) => event.id));
  });

  it("finds activities by each of their columns", async () => {
    const activity = (n: number) => ({
      id: uuid(n),
      created_at: new Date(OLDEST + n * 60_000).toISOString(),
      user_id: n === 3 ? "rare" : "u",
      action: n === 3 ? "rare" : "a",
      resource_type: n === 3 ? "rare" : "t",
      resource_id: n === 3 ? "rare" : "r",
      session_id: n === 3 ? "rare" : "s",
      ip_address: n === 3 ? "rare" : "i",
    });
    await insertUserActivities(
      ctx,
      Array.from({ length: 700 }, (_, n) => activity(n)),
    );
    for (const column of ["user_id", "action", "resource_type", "resource_id", "session_id", "ip_address"]) {
      const one = await listLogs(ctx, "user_activities", { filters: { [column]: "rare" } });
      expect(one.items.map((row) => row.id)).toEqual([uuid(3)]);
      const others = await listLogs(ctx, "user_activities", {
        filters: { [`not_${column}`]: "rare" },
        page_size: 1000,
      });
      expect(others.items).toHaveLength(699);
    }
  });

  it("returns every row at slot boundaries exactly once, forward and backward", async () => {
    const activity = (time: number, action: string, microseconds = "000") => ({
      created_at: new Date(time).toISOString().replace("Z", `${microseconds}Z`),
      user_id: "u",
      action,
    });
    const borders = Array.from({ length: 40 }, (_, n) => OLDEST + (n + 8) * SLOT_MS);
    const atBorders = borders.flatMap((border) => [
      activity(border - 1, "border", "999"),
      activity(border, "border"),
      activity(border, "border", "001"),
      activity(border, "border", "999"),
    ]);
    // 250 rows per slot, so that the last near row is often at a slot boundary.
    const between = borders.flatMap((border) =>
      Array.from({ length: 246 }, (_, n) => activity(border + Math.floor(((n + 0.5) * SLOT_MS) / 246), "between")),
    );
    await insertUserActivities(ctx, [...atBorders, ...between]);
    const oldestFirst = atBorders.map((event) => event.created_at);

    for (const sort of ["created_at", "-created_at"] as const) {
      for (const page_size of [3, 21]) {
        const list = (cursor?: string) =>
          listLogs(ctx, "user_activities", { filters: { action: "border" }, page_size, sort, cursor });
        const times = (pages: LogPage[]) => pages.flatMap(({ items }) => items.map((row) => row.created_at));
        const pages = [await list()];
        for (let next = pages[0]?.next_cursor; next; next = pages.at(-1)?.next_cursor) pages.push(await list(next));
        expect(times(pages)).toEqual(sort === "created_at" ? oldestFirst : oldestFirst.toReversed());
        const back: LogPage[] = [];
        for (let prev = pages.at(-1)?.prev_cursor; prev; prev = back[0]?.prev_cursor) back.unshift(await list(prev));
        expect(times(back)).toEqual(times(pages.slice(0, -1)));
      }
    }
  });

  it("returns matches in order if they are in either half of a day, or too many for one fetch", async () => {
    // Many rows at both ends, so that near rows cover a minute and the next windows are the two halves of a day.
    const hours = 72;
    const start = OLDEST + 100 * 86_400_000;
    const activity = (hour: number, action: string) => ({
      created_at: new Date(start + Math.round(hour * 3_600_000)).toISOString(),
      user_id: "u",
      action,
    });
    const mirrored = (action: string, count: number, at: (n: number) => number) =>
      Array.from({ length: count }, (_, n) => [activity(at(n), action), activity(hours - at(n), action)]).flat();
    const activities = [
      ...mirrored("crowd", 300, (n) => n / 18_000),
      ...mirrored("in both halves", 24, (n) => 1.01 + n),
      ...mirrored("in the second half", 30, (n) => 14.5 + n / 10),
      ...mirrored("bursts in the second half", 1, () => 2),
      ...mirrored("bursts in the second half", 4_100, (n) => 15 + n / 5_000),
      ...mirrored("long after", 3, (n) => 30 + n),
    ];
    await insertUserActivities(ctx, activities);
    const range = { start_date: activity(0, "").created_at, end_date: activity(hours, "").created_at };
    for (const action of new Set(activities.map((event) => event.action))) {
      const oldestFirst = activities
        .filter((event) => event.action === action)
        .map((event) => event.created_at.replace("Z", "000Z"))
        .sort();
      for (const sort of ["created_at", "-created_at"] as const) {
        const times: string[] = [];
        for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
          const query = { filters: { action }, page_size: isFirst ? 20 : 1000, sort, cursor, ...range };
          const page = await listLogs(ctx, "user_activities", query);
          times.push(...page.items.map((row) => row.created_at));
          cursor = page.next_cursor ?? undefined;
        }
        expect(times).toEqual(sort === "created_at" ? oldestFirst : oldestFirst.toReversed());
      }
    }
  });
});
