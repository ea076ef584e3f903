import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Principal } from "@/server/process/context";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { TimelineEvent, TimelinePage, TimelineQuery } from "./contract";
import { summarizeTimeline } from "./read-timeline";
import { timelineReader } from "./timeline-reader";

const operator: Principal = { kind: "user", id: "7", name: "anna@example.com", role: "operator" };
const SAME = "2026-10-31T23:59:59.999999Z";
const USER = { user_id: "u1" };
const key = ({ created_at, table, id }: TimelineEvent) => `${created_at} ${table} ${id}`;

let test: TestContext;
let serial = 0;
/** The keys of the rows of u1, newest first. */
let keys: string[] = [];

/** Half of the rows of both tables have one time, next to the end of a month; ids are shared by the tables. */
async function add(count: number): Promise<void> {
  const made = Array.from({ length: count }, () => {
    const n = serial++;
    const table: LogTableName = n % 3 === 0 ? "user_activities" : "access_logs";
    const created_at = n % 4 < 2 ? SAME : `2026-11-01T00:00:0${n % 5}.00000${n % 7}Z`;
    const id = `${String((n * 7919) % 100_000).padStart(8, "0")}-0000-4000-8000-000000000000`;
    return { table, id, created_at, ip_address: `203.0.113.${n % 5}`, session_id: `s${n % 3}`, n };
  });
  const of = (name: LogTableName) => made.filter(({ table }) => table === name).map(({ table: _, ...row }) => row);
  await insertAccessLogs(
    test.context,
    of("access_logs").map(({ n, ...row }) => ({ ...row, ...USER, request_path: `/cases/${n % 9}`, status_code: 200 })),
  );
  await insertUserActivities(
    test.context,
    of("user_activities").map(({ n, ...row }) => ({ ...row, ...USER, action: n % 2 ? "opened case" : "login" })),
  );
  keys = [...keys, ...made.map(({ created_at, table, id }) => `${created_at} ${table} ${id}`)].sort().reverse();
}

beforeAll(async () => {
  test = await createTestContext();
  await insertAccessLogs(test.context, [
    { user_id: "u2", ip_address: "203.0.113.1", request_path: "/other", created_at: SAME },
  ]);
  await add(60);
});
afterAll(() => test?.close());

const read = (query: TimelineQuery) => timelineReader(test.context, { ...operator, id: String(serial) }).page(query);

async function walk(query: TimelineQuery, from: TimelinePage, way: "next_cursor" | "prev_cursor") {
  const pages: TimelinePage[] = [];
  for (let cursor = from[way]; cursor; ) {
    const page = await read({ ...query, cursor });
    pages.push(page);
    cursor = page[way];
  }
  return way === "next_cursor" ? pages : pages.reverse();
}

describe("A timeline", () => {
  it("has every event of both tables once, in order, forward and backward, with any page size", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (page_size) => {
        const query = { ...USER, page_size };
        const first = await read(query);
        expect([first.has_prev, first.prev_cursor]).toEqual([false, null]);
        const rest = await walk(query, first, "next_cursor");
        expect([first, ...rest].flatMap(({ items }) => items.map(key))).toEqual(keys);
        const last = rest.at(-1) ?? first;
        expect([last.has_next, last.next_cursor]).toEqual([false, null]);
        const back = await walk(query, last, "prev_cursor");
        expect([...back, ...(last.items.length > 0 ? [last] : [])].flatMap(({ items }) => items.map(key))).toEqual(
          keys,
        );
      }),
      { numRuns: 6 },
    );
  });

  it("repeats and omits no event while others arrive", async () => {
    const query = { ...USER, page_size: 7 };
    const before = keys;
    const seen: string[] = [];
    let page = await read(query);
    seen.push(...page.items.map(key));
    while (page.next_cursor) {
      await add(2);
      page = await read({ ...query, cursor: page.next_cursor });
      seen.push(...page.items.map(key));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(before.filter((one) => !seen.includes(one))).toEqual([]);
    expect(seen).toEqual(seen.toSorted().reverse());
  });

  it("is of a session or an address too, and of several of them together, within times and with words", async () => {
    const found = async (query: TimelineQuery) => (await read({ ...query, page_size: 1_000 })).items;
    const all = await found(USER);
    expect(all.map(key)).toEqual(keys);
    const of = (name: string, value: unknown) => all.filter((event) => event[name] === value).map(key);
    expect((await found({ session_id: "s1" })).map(key)).toEqual(of("session_id", "s1"));
    expect((await found({ ...USER, ip_address: "203.0.113.1" })).map(key)).toEqual(of("ip_address", "203.0.113.1"));
    const words = await found({ ...USER, filter: "opened" });
    expect(words.map(key)).toEqual(of("action", "opened case"));
    expect((await found({ ...USER, start_date: SAME, end_date: "2026-10-31T23:59:59Z" })).map(key)).toEqual(
      of("created_at", SAME),
    );
    expect(new Set(all.map(({ table }) => table))).toEqual(new Set(Object.keys(logTables)));
  });

  it("counts its events by table, with the first and last time", async () => {
    const { tables, first, last } = await summarizeTimeline(test.context, USER);
    const count = (table: string) => keys.filter((one) => one.includes(table)).length;
    expect(tables).toEqual([
      { table: "access_logs", count: count("access_logs"), is_exact: true },
      { table: "user_activities", count: count("user_activities"), is_exact: true },
    ]);
    expect([first, last]).toEqual([keys.at(-1)?.split(" ")[0], keys[0]?.split(" ")[0]]);
    expect(await summarizeTimeline(test.context, { user_id: "nobody" })).toMatchObject({ first: null, last: null });
  });

  it("rejects cursors of other timelines, and a filter that one of the tables cannot have", async () => {
    const { next_cursor } = await read({ ...USER, page_size: 5 });
    await expect(read({ user_id: "u2", cursor: next_cursor ?? "" })).rejects.toMatchObject({ code: "request.cursor" });
    await expect(read({ ...USER, filter: "status_code:500" })).rejects.toMatchObject({ code: "request.invalid" });
  });

  it("of a masked field is refused for viewers, and hides masked fields of the others", async () => {
    const viewer = timelineReader(test.context, { kind: "user", id: "8", name: "v", role: "viewer" });
    await expect(viewer.page({ ip_address: "203.0.113.1" })).rejects.toMatchObject({ code: "privacy.masked_filter" });
    await expect(viewer.summary({ session_id: "s1" })).rejects.toMatchObject({ code: "privacy.masked_filter" });
    const { items } = await viewer.page({ ...USER, page_size: 5 });
    expect(JSON.stringify(items)).not.toMatch(/203\.0\.113\.\d"|"s\d"/);
  });
});
