import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { LogQuery } from "./contract";
import { findLogRow } from "./find-row";
import { listLogs } from "./list-logs";

const MB = 1024 * 1024;
/** Length of a user agent; three times as many bytes in UTF-8. */
const CHARACTERS = 256 * 1024;
const ROWS = 18;

let opened: TestContext;
let ctx: Context;

// As stored by older versions: almost a megabyte each, every third one short.
beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  // Creates the month's partition.
  await insertAccessLogs(ctx, [{ ip_address: "::1", request_path: "/", created_at: "2024-01-20T00:00:00Z" }]);
  await ctx.db.sql`delete from access_logs`;
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path, user_agent, extra)
    select
      gen_random_uuid(), '2024-01-01T00:00:00Z'::timestamptz + number * interval '1 hour', '203.0.113.7', '/' || number,
      case when number % 3 = 0 then 'short' else repeat('长', ${CHARACTERS}) end,
      case when number % 3 = 1 then jsonb_build_object('text', repeat('x', ${CHARACTERS}), 'number', number) end
    from generate_series(1, ${ROWS}) as number`;
});
afterAll(() => opened?.close());

const page = (query: LogQuery) => listLogs(ctx, "access_logs", { count: "none", ...query });
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test("A page of very long rows contains all of them, with long values truncated and marked, in a few megabytes", async () => {
  for (const query of [{}, { page: 1 }, { page_size: 1_000 }, { filters: { ip_address: "203.0.113.7" } }]) {
    const { items, has_next } = await page(query);
    expect([items.length, has_next]).toEqual([ROWS, false]);
    expect(bytesOf(items)).toBeLessThan(10 * MB);
    expect(items[0]).toMatchObject({ user_agent: "short", request_path: "/18" });
    const shortened = items.filter(({ user_agent }) => /^长{1000}… \(786432 bytes\)$/.test(String(user_agent)));
    expect(shortened.length).toBeGreaterThan(0);
    const json = items.find(({ extra }) => extra !== null && "(shortened)" in Object(extra));
    expect(json?.extra).toEqual({
      "(shortened)": expect.stringMatching(/^\{"text": "x+$/),
      "(bytes)": expect.any(Number),
    });
  }
  const numbers = [];
  for (const number of [1, 2, 3, 4]) {
    const { items } = await page({ page: number, page_size: 5 });
    numbers.push(...items.map(({ request_path }) => request_path));
  }
  expect(numbers).toEqual(Array.from({ length: ROWS }, (_, at) => `/${ROWS - at}`));
});

test("A walk by cursor returns every row once and in full, forward and backward, in pages of a few megabytes", async () => {
  for (const sort of ["-created_at", "created_at"] as const) {
    const first = await page({ page_size: 1, sort });
    const seen = [...first.items];
    let { next_cursor: cursor } = first;
    let last = first;
    while (cursor !== null) {
      last = await page({ page_size: 100, sort, cursor });
      expect(bytesOf(last.items)).toBeLessThan(10 * MB);
      expect(last.has_next).toBe(last.next_cursor !== null);
      seen.push(...last.items);
      cursor = last.next_cursor;
    }
    const places = Array.from({ length: ROWS }, (_, at) => `/${sort === "created_at" ? at + 1 : ROWS - at}`);
    expect(seen.map(({ request_path }) => request_path)).toEqual(places);
    // The first page is one row, which always fits.
    for (const row of seen) expect(row).toEqual(await findLogRow(ctx, "access_logs", row));

    const back = [...last.items].reverse();
    for (let prev = last.prev_cursor; prev !== null; ) {
      const before = await page({ page_size: 100, sort, cursor: prev });
      back.push(...[...before.items].reverse());
      prev = before.prev_cursor;
    }
    expect(back.map(({ request_path }) => request_path)).toEqual([...places].reverse());
  }
});
