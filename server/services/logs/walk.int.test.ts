import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { LogPage, LogQuery } from "./contract";
import { listLogs } from "./list-logs";

interface Row {
  readonly id: string;
  readonly created_at: string;
  readonly status_code: number;
  readonly request_path: string;
}

let test: TestContext;
let ctx: Context;
let serial = 0;
/** The table's content, in primary key order. */
let rows: Row[] = [];

const uuid = (n: number) => `${String((n * 7919) % 100_000_000).padStart(8, "0")}-0000-4000-8000-000000000000`;
const SAME = "2026-10-31T23:59:59.999999Z";

/** Thousands in one microsecond before the end of a month, hundreds a microsecond apart after it, some elsewhere. */
function timeOf(n: number): string {
  if (n % 4 < 2) return SAME;
  if (n % 4 === 2) return `2026-11-01T00:00:00.${String(n % 1_000).padStart(6, "0")}Z`;
  return `2026-0${1 + (n % 9)}-15T12:00:00.00000${n % 7}Z`;
}

function makeRow(): Row {
  const n = serial++;
  return {
    id: uuid(n),
    created_at: timeOf(n),
    status_code: [200, 301, 404, 500][n % 4] ?? 200,
    request_path: `/${n % 97}`,
  };
}

const byKey = (a: Row, b: Row) => (a.created_at + a.id < b.created_at + b.id ? -1 : 1);

async function add(count: number): Promise<void> {
  const made = Array.from({ length: count }, makeRow);
  await insertAccessLogs(
    ctx,
    made.map((row) => ({ ...row, ip_address: "203.0.113.7" })),
  );
  rows = [...rows, ...made].sort(byKey);
}

async function drop(places: readonly number[]): Promise<void> {
  const deleted = new Set(places.map((place) => rows[place % rows.length]?.id ?? ""));
  await ctx.db.sql`delete from access_logs where id = any(${[...deleted]}::uuid[])`;
  rows = rows.filter(({ id }) => !deleted.has(id));
}

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  await add(4_000);
});
afterAll(() => test.close());

const FILTERS: readonly { query: LogQuery; match: (row: Row) => boolean }[] = [
  { query: {}, match: () => true },
  { query: { filters: { status_code: "4xx,301" } }, match: ({ status_code }) => [404, 301].includes(status_code) },
  { query: { filters: { request_path: "/1*" } }, match: ({ request_path }) => request_path.startsWith("/1") },
  { query: { filters: { request_path: "/13" } }, match: ({ request_path }) => request_path === "/13" },
  {
    query: { start_date: "2026-10-31T23:59:59Z", end_date: "2026-10-31T23:59:59Z" },
    match: ({ created_at }) => created_at === SAME,
  },
  { query: { filters: { user_id: "nobody" } }, match: () => false },
];

const list = fc.record({
  filter: fc.constantFrom(...FILTERS),
  sort: fc.constantFrom("created_at", "-created_at"),
  /** A walk of thousands of pages proves no more than one of dozens. */
  pages: fc.integer({ min: 1, max: 20 }),
  extra: fc.integer({ min: 0, max: 30 }),
});
type List = typeof list extends fc.Arbitrary<infer T> ? T : never;

function expected({ filter, sort }: List): Row[] {
  const matching = rows.filter(filter.match);
  return sort === "created_at" ? matching : matching.reverse();
}

function queryOf(request: List): LogQuery {
  const size = Math.ceil(expected(request).length / request.pages) + request.extra;
  return { ...request.filter.query, sort: request.sort, page_size: Math.min(Math.max(size, 1), 1_000) };
}

const get = (query: LogQuery) => listLogs(ctx, "access_logs", query);
const idsOf = (page: LogPage) => page.items.map(({ id }) => id);

/** Checks that a page has a next cursor exactly when there are more rows. */
function expectWaysOn(page: LogPage, wanted: readonly string[]): void {
  const [first, last] = [page.items[0], page.items.at(-1)];
  if (!first || !last) return;
  const ways = [wanted.indexOf(first.id) > 0, wanted.indexOf(last.id) < wanted.length - 1];
  expect([page.has_prev, page.has_next]).toEqual(ways);
  expect([page.prev_cursor !== null, page.next_cursor !== null]).toEqual(ways);
}

/** All pages in one direction from `page`, excluding it. */
async function follow(
  query: LogQuery,
  page: LogPage,
  way: "next_cursor" | "prev_cursor",
  between: () => Promise<void> = async () => {},
): Promise<LogPage[]> {
  const pages: LogPage[] = [];
  for (let cursor = page[way]; cursor; ) {
    await between();
    const { at: _, ...rest } = query;
    const next = await get({ ...rest, cursor });
    expect(next.items.length).toBeLessThanOrEqual(query.page_size ?? 0);
    pages.push(next);
    cursor = next[way];
  }
  return pages;
}

describe("A walk over all pages", () => {
  it("returns every row once, in order and with its position, forward and backward", async () => {
    await fc.assert(
      fc.asyncProperty(list, async (request) => {
        const query = queryOf(request);
        const wanted = expected(request).map(({ id }) => id);
        const first = await get(query);
        const there = [first, ...(await follow(query, first, "next_cursor"))];
        expect(there.flatMap(idsOf)).toEqual(wanted);
        const last = there.at(-1) ?? first;
        const back = [last, ...(await follow(query, last, "prev_cursor"))].reverse();
        expect(back.flatMap(idsOf)).toEqual(wanted);
        for (const page of [...there, ...back]) {
          expect(page.first_row).toBe(page.items[0] ? wanted.indexOf(page.items[0].id) + 1 : null);
          expectWaysOn(page, wanted);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("neither skips nor repeats remaining rows, during concurrent inserts and deletes", async () => {
    const change = fc.record({
      added: fc.integer({ min: 0, max: 3 }),
      dropped: fc.array(fc.nat(), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(list, fc.array(change, { minLength: 1, maxLength: 10 }), async (request, changes) => {
        const query = queryOf(request);
        const before = expected(request);
        let turn = 0;
        const between = async () => {
          const { added, dropped } = changes[turn++ % changes.length] ?? { added: 0, dropped: [] };
          await drop(dropped);
          await add(added);
        };
        const first = await get(query);
        const there = [first, ...(await follow(query, first, "next_cursor", between))];
        const last = there.at(-1) ?? first;
        const back = [last, ...(await follow(query, last, "prev_cursor", between))].reverse();
        const after = new Set(rows.map(({ id }) => id));
        const stayed = before.map(({ id }) => id).filter((id) => after.has(id));
        const isStaying = new Set(stayed);
        for (const walk of [there, back]) {
          const given = walk.flatMap(idsOf);
          expect(new Set(given).size).toBe(given.length);
          expect(given.filter((id) => isStaying.has(id))).toEqual(stayed);
        }
      }),
      { numRuns: 8 },
    );
  });

  it("from a time returns the rows before and after it, each once", async () => {
    const times = fc.oneof(
      fc.nat().map((n) => timeOf(n)),
      fc.constantFrom("1999-01-01T00:00:00Z", "2026-10-31T23:59:59.999998Z", "2026-11-01T00:00:00Z", "2099-01-01"),
    );
    await fc.assert(
      fc.asyncProperty(list, times, async (request, at) => {
        const query = { ...queryOf(request), at };
        const wanted = expected(request).map(({ id }) => id);
        const start = await get(query);
        const there = [start, ...(await follow(query, start, "next_cursor"))];
        const back = (await follow(query, start, "prev_cursor")).reverse();
        const forward = there.flatMap(idsOf);
        const backward = back.flatMap(idsOf);
        for (const page of [...there, ...back]) expectWaysOn(page, wanted);
        expect([...backward, ...forward]).toEqual(wanted);
        const instant = at.padEnd(20, at.length === 10 ? "T00:00:00Z" : "").replace(/:(\d\d)Z$/, ":$1.000000Z");
        const behind = expected(request).filter(({ created_at }) =>
          request.sort === "created_at" ? created_at >= instant : created_at <= instant,
        );
        // In Shanghai 2099-01-01 begins eight hours earlier, when there are no rows either.
        expect(forward).toEqual(behind.map(({ id }) => id));
        expect(start.has_prev).toBe(backward.length > 0);
      }),
      { numRuns: 12 },
    );
  });
});

describe("A cursor", () => {
  it("is rejected when it is truncated or changed anywhere, or used with other filters, sort or table", async () => {
    const { next_cursor } = await get({ page_size: 5 });
    const cursor = next_cursor ?? "";
    const refused = { kind: "BAD_REQUEST", errors: [{ path: "cursor" }] };
    const damaged = fc.oneof(
      fc.nat(cursor.length - 1).map((end) => cursor.slice(0, end)),
      fc
        .tuple(fc.nat(cursor.length - 1), fc.constantFrom(..."Aa0-_z=+/ '%"))
        .map(([at, letter]) => cursor.slice(0, at) + letter + cursor.slice(at + 1)),
      fc.tuple(fc.nat(cursor.length), fc.string()).map(([at, text]) => cursor.slice(0, at) + text + cursor.slice(at)),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        damaged.filter((text) => text !== cursor),
        async (text) => {
          await expect(get({ cursor: text })).rejects.toMatchObject(refused);
        },
      ),
      { numRuns: 100 },
    );
    const others: LogQuery[] = [
      ...FILTERS.slice(1).map(({ query }) => query),
      { sort: "created_at" },
      { end_date: "2026-11-30" },
    ];
    for (const other of others) await expect(get({ ...other, cursor })).rejects.toMatchObject(refused);
    await expect(listLogs(ctx, "user_activities", { cursor })).rejects.toMatchObject(refused);
  });
});
