import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browsedTables, type LogTableName, logTables } from "@/server/catalog";
import { filterTerms } from "@/server/catalog/filter";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { insertAccessLogs, prepareBatch, storeRows } from "@/server/services/intake";
import { ID, type Row } from "@/server/services/intake/batch";
import { compilePredicate } from "@/server/services/intake/rules/predicate";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { DOCUMENTS, filterOf, HOSTILE_ROW, TABLES } from "@/server/testing/hostile-filters";
import { readFilters } from "./filters";
import { listLogs } from "./list-logs";

/** Random filters over random rows, of which intake rules evaluate the same in JavaScript before they are stored. */

let test: TestContext;
let ctx: Context;

const ACTIONS = ["login", "Login", "支付成功", "refund *", "100%", "a_b", "ΣΊΣΥΦΟΣ", ""];
const IDS = ["u1", "u10", "U1", "用户", 'quote"d', "back\\slash", "new\nline"];
const ADDRESSES = ["10.0.0.7", "10.9.9.9", "2001:db8::1", "2001:db9::1", "unknown", "999.1.1.1", null];
const DETAILS = [
  null,
  {},
  { order: 5, 案号: "（2024）京01民终123号" },
  { order: 5.0, note: null, tags: ["Refund", "x"] },
  { order: "5", note: "", deep: { a: { b: "Zahlung fehlgeschlagen" } } },
  { order: -12.5, note: 'say "hi" \\ 100%', ok: true },
  ["list", 7],
  "refund of 5",
];
const pick = <Value>(values: readonly Value[], n: number) => values[n % values.length];
const ROWS = 420;
let rows: Row[] = [];

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  rows = await store(
    "user_activities",
    Array.from({ length: ROWS }, (_, n) => ({
      user_id: pick(IDS, n) ?? "",
      action: pick(ACTIONS, n * 3 + 1) || "other",
      resource_type: pick([null, "", "case", "Case", "合同"], n * 7),
      ip_address: pick(ADDRESSES, n * 5 + (n >> 3)),
      details: pick(DETAILS, n + (n >> 4)),
      extra: pick([undefined, { source: "wechat", case: "login" }], n >> 2),
      created_at: new Date(Date.UTC(2026, 4, 1, 0, n * 10)).toISOString(),
    })),
  );
});
afterAll(() => test.close());

type HostileRow = { readonly details: string | null; readonly minute: number };

/** Stores the valid ones of `events`. @returns their rows as intake rules evaluate them */
async function store(table: LogTableName, events: readonly object[]): Promise<Row[]> {
  const incoming = events.map((event, n) => {
    return { event, raw: "", fallbackId: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` };
  });
  const origin = {
    receivedAt: "2026-05-01T00:00:00.000000Z",
    source: "test",
    format: "json",
    rules: NO_RULES,
  } as const;
  const batch = await prepareBatch(ctx, table, incoming, origin);
  await ctx.db.sql.begin((tx) => storeRows(ctx, tx, batch));
  expect(batch.rows.length).toBeGreaterThan(events.length / 2);
  return batch.rows;
}

function evaluated(table: LogTableName, stored: readonly Row[], filter: string): string[] {
  const matches = compilePredicate(logTables[table], filter, "UTC");
  return stored
    .filter(matches)
    .map((row) => String(row[ID]))
    .sort();
}

const WORDS = [
  "login",
  "LOGIN",
  "支付",
  "refund",
  '"refund *"',
  "100%",
  "a_b",
  "σίσυφος",
  "u1",
  '"say \\"hi\\" \\\\"',
  "case",
  "京01民终123",
  "FEHL*gen",
  "re*d",
  '"new\nline"',
  "5",
  "true",
  "absent",
  "source",
];
const VALUES = [
  "u1",
  "u1*",
  "*u1*",
  "*1",
  "null",
  "*",
  '""',
  "login",
  "支付*",
  '"refund *"',
  "100%",
  "a_*",
  "(u1, 用户, U1)",
];
const FIELDS = ["user_id", "action", "resource_type", "ip_address"];
const MEMBERS = [
  "details.order",
  "details.note",
  'details."案号"',
  "details.deep.a.b",
  "details.tags.0",
  "extra.source",
  "details.1",
];
const MEMBER_VALUES = ["5", "5.0", "-12.5", "null", "*", '""', "*京*", "Refund", "wechat", "7", "true", "x*"];
const BLOCKS = ["10.0.0.0/8", "10.0.0.0/24", "2001:db8::/32", "0.0.0.0/0", "10.0.0.7", "*.9", "unknown"];

const term = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.tuple(fc.constantFrom(...FIELDS), fc.constantFrom(":", " != "), fc.constantFrom(...VALUES)).map((p) => p.join("")),
  fc
    .tuple(fc.constantFrom(...MEMBERS), fc.constantFrom(":", "!="), fc.constantFrom(...MEMBER_VALUES))
    .map((p) => p.join("")),
  fc
    .tuple(fc.constantFrom(...MEMBERS), fc.constantFrom(">", "<=", " < ", ">="), fc.constantFrom("5", "-12.5", "0.1"))
    .map((p) => p.join("")),
  fc.tuple(fc.constant("ip_address"), fc.constantFrom(":", "!="), fc.constantFrom(...BLOCKS)).map((p) => p.join("")),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    term,
    fc
      .tuple(tie("expression"), fc.constantFrom(" ", " and "), tie("expression"))
      .map(([a, op, b]) => `(${a})${op}(${b})`),
    fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a} or ${b})`),
    tie("expression").map((operand) => `not (${operand})`),
    tie("expression").map((operand) => `-(${operand})`),
  ),
}));

async function found(filter: string, withIndex: boolean, table: LogTableName = "user_activities"): Promise<string[]> {
  const read = readFilters(browsedTables[table], { filters: { filter } }, "UTC");
  const conditions = [...read.columns, ...(withIndex ? (read.indexed ?? []) : [])];
  const query = new PgDialect().sqlToQuery(
    sql`select id from ${sql.identifier(browsedTables[table].tableName)} where ${sql.join(conditions, sql` and `)}`,
  );
  const ids = await ctx.db.sql.unsafe<{ id: string }[]>(query.sql, query.params as string[]);
  return ids.map(({ id }) => id).sort();
}

describe("A filter expression", () => {
  it("finds the rows for which it is true, for random expressions over random rows, with and without indexes", async () => {
    await fc.assert(
      fc.asyncProperty(expression, async (filter) => {
        const expected = evaluated("user_activities", rows, filter);
        expect(await found(filter, false)).toEqual(expected);
        expect(await found(filter, true)).toEqual(expected);
      }),
      { numRuns: Number(process.env.FILTER_RUNS ?? 40) },
    );
  });

  it("is evaluated before rows are stored as PostgreSQL does afterwards, for hostile events and filters", async () => {
    for (const table of TABLES) {
      await ctx.db.sql.unsafe(`truncate ${logTables[table].tableName}`);
      const [events = []] = fc.sample(
        fc.array<HostileRow>(HOSTILE_ROW[table], { minLength: 300, maxLength: 300, size: "max" }),
        {
          numRuns: 1,
          seed: 7,
        },
      );
      const stored = await store(
        table,
        events.map(({ details, minute, ...fields }) => ({
          ...fields,
          created_at: new Date(Date.UTC(2026, 4, 1) + minute * 60_000).toISOString(),
          [DOCUMENTS[table][0]]: details === null ? null : JSON.parse(details),
        })),
      );
      await fc.assert(
        fc.asyncProperty(filterOf(table), async (filter) => {
          fc.pre(filterTerms(filter) !== undefined);
          expect(evaluated(table, stored, filter)).toEqual(await found(filter, false, table));
        }),
        { numRuns: Number(process.env.FILTER_RUNS ?? 40) },
      );
    }
  });

  it.each([
    ["status_code:(404, 5xx) response_time > 500", [3]],
    ["status_code >= 500", [3]],
    ["status_code < 404", [0, 1]],
    ["status_code:404,503", [2, 3]],
    ["response_time:20", [1]],
    ["response_time <= 20", [0, 1]],
    ["ip_address:10.0.0.0/8", [0, 1]],
    ["ip_address:10.0.*", [0]],
    ["request_path:/api/*", [0, 1]],
    ["request_path:*.pdf", [2]],
    ["created_at:2026-03-02", [2, 3]],
    ["created_at >= 2026-03-01T12:00 created_at < 2026-03-02T23:59", [1, 2]],
    ["created_at <= 2026-03-02T23:59:59", [0, 1, 2, 3]],
    ["CHROME", [1]],
    ["203.0.113", [2, 3]],
    ['"chrome" or "/api/a"', [0, 1]],
  ])("on access logs: %s", async (filter, expected) => {
    await ctx.db.sql`truncate access_logs`;
    const event = (n: number, fields: object) => ({
      created_at: ["2026-03-01T08:00", "2026-03-01T12:00", "2026-03-02T09:00", "2026-03-02T23:59:59.5"][n],
      session_id: `row ${n}`,
      ...fields,
    });
    const utc = { ...ctx, config: { ...ctx.config, timeZone: "UTC" } };
    await insertAccessLogs(utc, [
      event(0, { ip_address: "10.0.0.1", request_path: "/api/a", status_code: 200, response_time: 3 }),
      event(1, {
        ip_address: "10.9.0.1",
        request_path: "/api/b",
        status_code: 302,
        response_time: 20,
        browser: "Chrome",
      }),
      event(2, { ip_address: "203.0.113.9", request_path: "/files/x.pdf", status_code: 404, response_time: 500 }),
      event(3, { ip_address: "203.0.113.10", request_path: "/", status_code: 503, response_time: 501 }),
    ]);
    const { items } = await listLogs(utc, "access_logs", { filters: { filter } });
    const found = items.map((row: Record<string, unknown>) => Number(String(row.session_id).slice(4))).sort();
    expect(found).toEqual(expected);
  });

  it("names the position of a field or value that the table does not have", async () => {
    const errorsOf = (filter: string) =>
      listLogs(ctx, "access_logs", { filters: { filter } }).then(
        () => [],
        (error: unknown) => (error instanceof AppError && error.kind === "UNPROCESSABLE" ? error.errors : [error]),
      );
    for (const [filter, code, position] of [
      ["user_id:7 (colour:red or os:iOS)", "filter_field", 11],
      ["status_code:abc", "status", 12],
      ["status_code:5*", "filter_no_pattern", 12],
      ["status_code > x", "number", 14],
      ["os > 5", "filter_no_order", 5],
      ["ip_address:10.0.0.0/33", "block", 11],
      ["ip_address:2001:db8::/032", "block", 11],
      ["created_at > yesterday", "not_time", 13],
      ["id:7", "uuid", 3],
      ["extra:7", "filter_member_expected", 6],
      ["os.name:7", "filter_no_members", 0],
      ["extra.price > cheap", "filter_number", 14],
      ['status_code:""', "filter_not_text", 12],
    ] as const) {
      expect(await errorsOf(filter)).toMatchObject([{ path: "filter", code: `input.${code}`, position }]);
    }
  });
});
