import { isIP } from "node:net";
import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browsedTables } from "@/server/catalog";
import { type FieldTest, type FilterExpression, parseFilter } from "@/server/catalog/filter";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { readFilters } from "./filters";
import { listLogs } from "./list-logs";

/** An independent evaluation of filters in JavaScript, and random filters over random rows. */

type Row = Readonly<Record<string, unknown>>;

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
  await insertUserActivities(
    ctx,
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
  rows = await ctx.db.sql<Row[]>`select * from user_activity_logs`;
  expect(rows.length).toBeGreaterThan(ROWS / 2);
});
afterAll(() => test.close());

const fold = (text: string) => [...text].map((character) => character.toUpperCase().toLowerCase()).join("");

function contains(text: string, parts: readonly string[]): boolean {
  let at = 0;
  return parts.every((part) => {
    const found = text.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
}

function matches(text: string, pattern: readonly string[]): boolean {
  if (pattern.length === 1) return text === pattern[0];
  const first = pattern[0] ?? "";
  const last = pattern.at(-1) ?? "";
  const isLongEnough = text.length >= first.length + last.length;
  const middle = text.slice(first.length, text.length - last.length);
  return text.startsWith(first) && text.endsWith(last) && isLongEnough && contains(middle, pattern.slice(1, -1));
}

function textsOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "object") return Object.values(value).flatMap(textsOf);
  return [String(value)];
}

const TEXTS = ["user_id", "action", "resource_type", "resource_id", "ip_address", "user_agent", "session_id"];

function member(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === "object" && part !== null && Object.hasOwn(part, key)
        ? (part as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function inBlock(text: string, block: string): boolean {
  const [address = "", bits = "0"] = block.split("/");
  if (isIP(text) === 0 || isIP(text) !== isIP(address)) return false;
  return ipaddr.parse(text).match(ipaddr.parse(address), Number(bits));
}

function testValue(row: Row, field: string, path: readonly string[], check: FieldTest): boolean {
  const value = path.length > 0 ? member(row[field], path) : row[field];
  const isNone = value === null || value === undefined;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  switch (check.op) {
    case "null":
      return isNone;
    case "set":
      return !isNone;
    case "empty":
      return value === "";
    case "match": {
      if (isNone) return false;
      const [only = "", ...others] = check.pattern;
      if (others.length > 0) return matches(text, check.pattern);
      if (typeof value === "number" && /^-?\d+(\.\d+)?$/.test(only)) return value === Number(only);
      return field === "ip_address" && /^[\da-f.:]+\/\d+$/.test(only) ? inBlock(text, only) : text === only;
    }
    default: {
      if (typeof value !== "number") return false;
      const bound = Number(check.value);
      return { ">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound }[check.op];
    }
  }
}

function isTrue(expression: FilterExpression, row: Row): boolean {
  switch (expression.kind) {
    case "and":
      return expression.operands.every((operand) => isTrue(operand, row));
    case "or":
      return expression.operands.some((operand) => isTrue(operand, row));
    case "not":
      return !isTrue(expression.operand, row);
    case "text": {
      const texts = [...TEXTS.map((name) => row[name]), row.details, row.extra].flatMap(textsOf);
      return texts.some((text) => contains(fold(text), expression.parts.map(fold)));
    }
    case "field":
      return testValue(row, expression.field, expression.path, expression.test);
  }
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

async function found(filter: string, withIndex: boolean): Promise<string[]> {
  const read = readFilters(browsedTables.user_activities, { filters: { filter } }, "UTC");
  const conditions = [...read.columns, ...(withIndex ? (read.indexed ?? []) : [])];
  const query = new PgDialect().sqlToQuery(
    sql`select id from user_activity_logs where ${sql.join(conditions, sql` and `)}`,
  );
  const ids = await ctx.db.sql.unsafe<{ id: string }[]>(query.sql, query.params as string[]);
  return ids.map(({ id }) => id).sort();
}

describe("A filter expression", () => {
  it("finds the rows for which it is true, for random expressions over random rows, with and without indexes", async () => {
    await fc.assert(
      fc.asyncProperty(expression, async (filter) => {
        const tree = parseFilter(filter);
        const expected = rows.filter((row) => isTrue(tree, row)).map(({ id }) => String(id));
        expect(await found(filter, false)).toEqual(expected.sort());
        expect(await found(filter, true)).toEqual(expected.sort());
      }),
      { numRuns: Number(process.env.FILTER_RUNS ?? 100) },
    );
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
