import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logTableList } from "@/server/catalog";
import { FILTER_PARAMETER, filterNames } from "@/server/catalog/filter";
import { provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { GET } from "./batch-processing/[table]/route";

let test: TestContext;
let key: string;
const lines: string[] = [];

beforeAll(async () => {
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  test = await createTestContext({ overrides: { log } });
  provideContext(test.context);
  key = (await createApiKey(test.context, { name: "operator", role: "operator" })).key;
  const created_at = "2026-03-01T00:00:00Z";
  const logs = ["/a", "/b", "/c"].map((path) => ({ ip_address: "203.0.113.7", request_path: path, created_at }));
  await insertAccessLogs(test.context, logs);
  await insertUserActivities(test.context, [{ user_id: "1", action: "login", created_at }]);
});
afterAll(() => test.close());

async function list(query: Record<string, string> | string, table = "access-logs") {
  lines.length = 0;
  const search = typeof query === "string" ? query : String(new URLSearchParams(query));
  const request = new Request(`http://127.0.0.1:3000/api/v1/batch-processing/${table}?${search}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const response = await GET(request, { params: Promise.resolve({ table }) });
  const body: unknown = await response.json();
  return { status: response.status, body: body as Record<string, unknown> };
}

/** Expects a rejection that names the parameter, one log line, and no internal details. */
async function expectRefused(query: Record<string, string> | string, status: number, path: string, table?: string) {
  const answer = await list(query, table);
  expect([answer.status, answer.body.status]).toEqual([status, status]);
  expect(answer.body.errors).toContainEqual(expect.objectContaining({ path, message: expect.any(String) }));
  expect(JSON.stringify(answer.body)).not.toMatch(/select |pg_|node_modules|\.ts\b|postgres/i);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([expect.stringMatching(/^request refused/)]);
  expect(lines[0]?.length).toBeLessThan(3_000);
}

describe("A list rejects, with one log line,", () => {
  it.each([
    ["page=0", "page"],
    ["page=-1", "page"],
    ["page=1000000000", "page"],
    ["page=1e9", "page"],
    ["page=1.5", "page"],
    ["page_size=0", "page_size"],
    ["page_size=1001", "page_size"],
    ["page_size=-5", "page_size"],
    ["page_size=", "page_size"],
    ["colour=red", "colour"],
    ["__proto__=1", "__proto__"],
    ["constructor=1", "constructor"],
    ["status_code=abc", "status_code"],
    ["status_code=4xxx", "status_code"],
    ["status_code=404,,500", "status_code"],
    ["ip_address=10.0.0.0/33", "ip_address"],
    ["ip_address=10.0.0.256", "ip_address"],
    ["ip_address=::1/129", "ip_address"],
    ["ip_address=fe80::1%25eth0", "ip_address"],
    ["min_response_time=NaN", "min_response_time"],
    ["max_response_time=99999999999", "max_response_time"],
    ["start_date=yesterday", "start_date"],
    ["end_date=2026-02-30", "end_date"],
    ["at=2026-02-30", "at"],
    ["at=2026-02-03&page=2", "at"],
    ["user_id=%00", "user_id"],
    ["sort=status_code", "sort"],
    ["count=all", "count"],
    ["page=1&page=2", "page"],
  ])("%s", async (query, path) => {
    await expectRefused(query, 422, path);
  });

  it("a filter of 10,000 characters, on any column", async () => {
    for (const table of logTableList) {
      for (const name of filterNames(table)) await expectRefused({ [name]: "x".repeat(10_000) }, 422, name, table.path);
    }
  });

  it("a cursor that is truncated, changed, or from another list", async () => {
    const cursor = String((await list("page_size=1")).body.next_cursor);
    const flipped = cursor.slice(0, 30) + (cursor[30] === "A" ? "B" : "A") + cursor.slice(31);
    for (const bad of ["", "null", cursor.slice(0, -1), cursor.slice(1), `${cursor}A`, flipped, "x".repeat(10_000)]) {
      await expectRefused({ cursor: bad }, 400, "cursor");
    }
    await expectRefused({ cursor, status_code: "200" }, 400, "cursor");
    await expectRefused({ cursor, start_date: "2026-01-01" }, 400, "cursor");
    await expectRefused({ cursor, sort: "created_at" }, 400, "cursor");
    await expectRefused({ cursor }, 400, "cursor", "user-activities");
    await expectRefused({ cursor, page: "2" }, 422, "page");
    await expectRefused({ cursor, at: "2026-01-01" }, 422, "at");
    expect((await list({ cursor, page_size: "2" })).body.items).toHaveLength(2);
  });
});

it("SQL in any parameter is a literal value, or rejected", async () => {
  const attempts = [
    "' or '1'='1",
    "1; drop table access_logs; --",
    "$1",
    "\\'; select pg_sleep(9); --",
    "%' or 1=1 --",
  ];
  const paging = ["page", "page_size", "cursor", "sort", "count", "start_date", "end_date", "at"];
  for (const table of logTableList) {
    const isText = new Set(
      table.columns.flatMap(({ name, filter }) =>
        filter === "exact" || filter === "prefix" ? [name, `not_${name}`] : [],
      ),
    );
    for (const name of [...paging, ...filterNames(table)]) {
      for (const attempt of attempts) {
        if (name === FILTER_PARAMETER) {
          // Some are words to search for, which no row contains.
          const { status, body } = await list({ filter: attempt }, table.path);
          if (status === 200) expect(body.items).toEqual([]);
          else await expectRefused({ filter: attempt }, 422, name, table.path);
        } else if (isText.has(name)) {
          const { status, body } = await list({ [name]: attempt }, table.path);
          expect(status).toBe(200);
          const found = name.startsWith("not_") ? expect.any(Number) : 0;
          expect((body.items as unknown[]).length).toEqual(found);
        } else await expectRefused({ [name]: attempt }, name === "cursor" ? 400 : 422, name, table.path);
      }
    }
  }
  expect((await list("count=exact")).body.total).toBe(3);
});

describe("A list filtered by an expression", () => {
  it("returns the rows without a value, and those with one", async () => {
    const totals = ["user_id:null", "user_id:*", "ip_address:* and user_id:null"].map(async (filter) => {
      return (await list({ filter })).body.total;
    });
    expect(await Promise.all(totals)).toEqual([3, 0, 3]);
    expect((await list({ filter: "user_id:*" }, "user-activities")).body.total).toBe(1);
  });

  it.each([
    ["user_id:null and", 16],
    ["colour:null", 0],
    ["user_id:null (os:*", 13],
  ])("reports the position of an error: %s", async (filter, position) => {
    const { status, body } = await list({ filter });
    expect([status, body.errors]).toMatchObject([422, [{ path: "filter", message: expect.any(String), position }]]);
  });
});
