import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { filterTerms } from "@/server/catalog/filter";
import { quoted, writePatternText } from "@/server/catalog/filter/pattern";
import { CSV_FORMAT, csvColumns, writeParquet } from "@/server/columnar";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";
import "@/server/testing/property-seed";
import type { LogFilters } from "../contract";
import { readFilters } from "../filters";
import { columnarPattern, lowered } from "./patterns";

const dialect = new PgDialect();
let ctx: Context;
setUpContext((opened) => {
  ctx = opened;
});

const TABLES = ["access_logs", "user_activities"] as const satisfies BrowsedTableName[];
const DOCUMENTS = { access_logs: ["extra"], user_activities: ["details", "extra"] } as const;
const ROWS = 500;
const RUNS = Number(process.env.FILTER_RUNS ?? 60);

/** Texts with everything that JSON, patterns, regular expressions and cases treat in their own way. */
const TEXTS = [
  ...["", "a", "A", "login", "Login", "LOGIN", "refund *", "100%", "a_b", "ΣΊΣΥΦΟΣ", "σίσυφος", "ſtraße", "STRASSE"],
  ...["ıstanbul", "İstanbul", "K", "k", "支付成功", "（2024）京01民终123号", "e\u0301", "é", "😀", "\ue000A\ue000N5"],
  ...[
    'say "hi"',
    "\\",
    "\\n",
    "\n",
    "new\nline",
    "\u0001\u001f",
    "\u007f",
    "\u2028",
    "tab\t",
    '": ',
    '", "a": "',
    "a: b",
  ],
  ...[
    "1",
    "1.0",
    "1.10",
    "-0",
    "true",
    "null",
    "[1, 2]",
    '{"a": 1}',
    "a.b",
    "~0",
    "/a",
    "$.a",
    "it's",
    "#",
    "a-b[c]",
    " a ",
  ],
];
const NUMBERS = [
  ...["0", "1", "1.0", "1.10", "-12.5", "-0", "1e3", "1e-7", "123456789012345678901234567890.5", "0.30", "5e20"],
  ...["18446744073709551616", "-9223372036854775809", "9007199254740993", "1e400", "-1e310", "12345678901234567890"],
];
const KEYS = [
  "a",
  "b",
  "A",
  "0",
  "1",
  "-1",
  "01",
  " 1",
  "+1",
  "案号",
  "",
  "a.b",
  'q"k',
  "b\\k",
  "~",
  "/",
  "login",
  "n\nk",
  "😀",
];

const text = fc.constantFrom(...TEXTS);
const scalar = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom(...NUMBERS),
  fc.constantFrom("true", "false", "null"),
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    scalar,
    fc.array(tie("json"), { maxLength: 4 }).map((values) => `[${values.join(",")}]`),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie("json")), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`),
  ),
}));
const flat = fc.record({ key: fc.constantFrom(...KEYS), value: scalar }).map(({ key, value }) => {
  return `{${JSON.stringify(key)}:${value},"z":[${value},{"a":${value}}]}`;
});

const ADDRESSES = [
  "10.0.0.7",
  "10.9.9.9",
  "2001:db8::1",
  "2001:db9::1",
  "::ffff:10.0.0.7",
  "255.255.255.255",
  "::",
  "0.0.0.0",
];
const ADDRESS_TEXTS = [...ADDRESSES, "unknown", "999.1.1.1", "2001:DB8::1", "10.0.0.7/8", "", null];
const BLOCKS = [
  "10.0.0.0/8",
  "10.0.0.7/31",
  "0.0.0.0/0",
  "::/0",
  "2001:db8::/33",
  "10.0.0.7/32",
  "::ffff:10.0.0.0/104",
  "255.0.0.0/1",
];

const PATHS = [
  "/api/orders/17",
  "/api/orders/0b1c2d3e-0000-4000-8000-000000000000/items/3.json",
  "/",
  "//a//7?x=1#y",
  "/a\n1/22",
];
const REFERERS = [
  "https://www.Example.com/a",
  "http://u:p@[2001:db8::1]:80/x",
  "https://例子.cn?x",
  "example.com/a",
  "HTTPS://A.B",
];
const AGENTS = ["Googlebot/2.1", "Mozilla/5.0 (Windows NT 10.0)", "curl/8", "Robotics", "ΒΟΤ bot"];

const or = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 5 });
const common = {
  user_id: text,
  session_id: or(text),
  user_agent: or(fc.oneof(text, fc.constantFrom(...AGENTS))),
  details: or(fc.oneof(json, flat)),
  minute: fc.nat(4_000),
};
const ROW = {
  access_logs: fc.record({
    ...common,
    ip_address: fc.constantFrom(...ADDRESSES),
    request_path: fc.oneof(text, fc.constantFrom(...PATHS)),
    referer: or(fc.oneof(text, fc.constantFrom(...REFERERS))),
    request_method: or(fc.constantFrom("GET", "")),
    status_code: or(fc.constantFrom(0, 200, 204, 404, 500, 999)),
    response_time: or(fc.constantFrom(0, 1, 20, 2_147_483_647)),
  }),
  user_activities: fc.record({
    ...common,
    ip_address: fc.constantFrom(...ADDRESS_TEXTS),
    action: text,
    resource_type: or(text.map((value) => value.slice(0, 50))),
  }),
};

/** Rows are stored by SQL, because intake would reject or change some of them. */
async function fill(table: (typeof TABLES)[number]): Promise<void> {
  const rows = fc.sample(
    fc.array<Record<string, unknown>>(ROW[table], { minLength: ROWS, maxLength: ROWS, size: "max" }),
    {
      numRuns: 1,
      seed: 7,
    },
  );
  for (const [index, { details, minute, ...values }] of (rows[0] ?? []).entries()) {
    const names = Object.keys(values);
    const [document] = DOCUMENTS[table];
    await ctx.db.orm.execute(sql`
      insert into ${sql.identifier(browsedTables[table].tableName)}
        (id, created_at, ${sql.identifier(document)}, ${sql.join(
          names.map((name) => sql.identifier(name)),
          sql`, `,
        )})
      values (
        ${`00000000-0000-4000-8000-${String(index).padStart(12, "0")}`},
        ${new Date(Date.UTC(2026, 4, 1) + Number(minute) * 60_000).toISOString()},
        ${details}::text::jsonb,
        ${sql.join(
          names.map((name) => sql`${values[name]}`),
          sql`, `,
        )})`);
  }
}

const files = new Map<BrowsedTableName, string>();

beforeAll(async () => {
  for (const name of TABLES) {
    const table = browsedTables[name];
    await ensurePartitions(ctx.db.sql, table.tableName, ["2026-05"]);
    await fill(name);
    const file = path.join(await ctx.columnar.makeFolder(), `${name}.parquet`);
    await ctx.db.sql.begin(async (tx) => {
      const rows = sql`select ${sql.raw(csvColumns(table))} from ${sql.identifier(table.tableName)}`;
      const copy = await tx.unsafe(`copy (${dialect.sqlToQuery(rows).sql}) to stdout with ${CSV_FORMAT}`).readable();
      await writeParquet(ctx.columnar, table, copy, file);
    });
    files.set(name, file);
  }
});

async function columnar(table: BrowsedTableName, conditions: readonly SQL[]): Promise<string[]> {
  const rows = await ctx.columnar.query(sql`
    select id
    from read_parquet(${files.get(table)})
    where ${sql.join([...conditions], sql` and `)}
    order by id`);
  return rows.map(({ id }) => String(id));
}

const value = fc.oneof(
  text.map((part) => writePatternText([part])),
  fc.constantFrom("null", "*", '""'),
  fc.constantFrom(...NUMBERS, "1.1", "5e20"),
  fc
    .array(
      fc.oneof(
        text,
        text.map((part) => part.slice(0, 2)),
      ),
      { minLength: 2, maxLength: 6 },
    )
    .map(writePatternText),
);
const member = (table: (typeof TABLES)[number]) =>
  fc
    .tuple(
      fc.constantFrom(...DOCUMENTS[table]),
      fc.array(fc.constantFrom(...KEYS, "z"), { minLength: 1, maxLength: 4, size: "small" }),
    )
    .map(([field, keys]) => [field, ...keys.map(quoted)].join("."));
const term = (table: (typeof TABLES)[number]) =>
  fc.oneof(
    {
      arbitrary: fc.tuple(member(table), fc.constantFrom(":", " != "), value).map((parts) => parts.join("")),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(
          member(table),
          fc.constantFrom(">", ">=", "<", "<="),
          fc.constantFrom(...NUMBERS.filter((n) => /^[-\d.]{1,31}$/.test(n))),
        )
        .map((parts) => parts.join(" ")),
      weight: 3,
    },
    fc
      .array(
        fc.oneof(
          text,
          text.map((part) => part.slice(1, 4)),
        ),
        { minLength: 1, maxLength: 3, size: "xsmall" },
      )
      .map((parts) => parts.map(quoted).join("*")),
    fc
      .tuple(
        fc.constantFrom(...browsedTables[table].columns.filter(({ type }) => type === "text").map(({ name }) => name)),
        fc.constantFrom(":", " != "),
        value,
      )
      .map((parts) => parts.join("")),
    fc
      .tuple(
        fc.constantFrom("ip_address"),
        fc.constantFrom(":", "!="),
        fc.constantFrom(...BLOCKS, ...ADDRESSES, "*.7", "2001*", "*:*"),
      )
      .map((parts) => parts.join("")),
    fc.constantFrom(
      "created_at:2026-05-02",
      "created_at > 2026-05-01T12:00",
      "created_at <= 2026-05-02T06:00",
      "id:null",
      "id:00000000-0000-4000-8000-000000000007",
    ),
    ...(table === "access_logs"
      ? [
          fc.constantFrom(
            "status_code:(4xx, 200)",
            "status_code:null",
            "status_code > 404",
            "response_time:20",
            "response_time <= 20",
            "status_code:5xx",
            "response_time:*",
            "status_class:(5xx, 0xx)",
            "status_class:null",
            "route:/api/orders/:id",
            "route:*:id*",
            "not route:/",
            "referer_host:example.com",
            "referer_host:*b*",
            "referer_host:null",
            "is_bot:true",
            "is_bot:false",
          ),
        ]
      : []),
  );
const filterOf = (table: (typeof TABLES)[number]) =>
  fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      term(table),
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a}) (${b})`),
      fc.tuple(tie("expression"), tie("expression")).map(([a, b]) => `(${a} or ${b})`),
      tie("expression").map((operand) => `not (${operand})`),
    ),
  })).expression;

function difference(found: readonly string[], expected: readonly string[]) {
  const missing = expected.filter((id) => !found.includes(id));
  return { missing, added: found.filter((id) => !expected.includes(id)) };
}

async function expectSame(table: BrowsedTableName, filters: LogFilters): Promise<number> {
  const conditions = readFilters(browsedTables[table], filters, "UTC");
  const rows = await ctx.db.read.execute<{ id: string }>(sql`
    select id from ${sql.identifier(browsedTables[table].tableName)}
    where ${sql.join([...conditions.range, ...conditions.columns], sql` and `)}
    order by id`);
  const found = await columnar(table, [...conditions.range, ...conditions.columnar]);
  expect(
    difference(
      found,
      rows.map(({ id }) => id),
    ),
  ).toEqual({ missing: [], added: [] });
  return rows.length;
}

describe.each(TABLES)("Columns of %s return the same rows as PostgreSQL", (table) => {
  it(
    "for random filters over hostile rows",
    async () => {
      let found = 0;
      await fc.assert(
        fc.asyncProperty(filterOf(table), async (filter) => {
          fc.pre(filterTerms(filter) !== undefined);
          found += Math.sign(await expectSame(table, { filters: { filter } }));
        }),
        { numRuns: RUNS },
      );
      expect(found).toBeGreaterThan(0);
    },
    60_000 + 100 * RUNS,
  );
});

describe("Columns return the same rows as PostgreSQL for the parameters of lists", () => {
  it.each<LogFilters["filters"]>([
    { user_id: "login" },
    { not_user_id: "login" },
    { request_path: "100%" },
    { request_path: "a*" },
    { not_request_path: "支*" },
    { request_path: "*" },
    { ip_address: "10.0.0.0/8" },
    { not_ip_address: "::ffff:10.0.0.7" },
    { status_code: "4xx,200" },
    { not_status_code: "5xx" },
    { min_response_time: "1", max_response_time: "20" },
  ])("%j", async (filters) => {
    expect(
      await expectSame("access_logs", { filters, start_date: "2026-05-01", end_date: "2026-05-02" }),
    ).toBeGreaterThan(0);
  });
});

test("DuckDB's lower() converts letters as the superset of words expects", async () => {
  const rows = await ctx.columnar.query(
    sql`select chr(code::integer) as letter, lower(chr(code::integer)) as lower from range(1, 2000) as t (code)`,
  );
  const other = rows.filter(({ letter, lower }) => (lowered(String(letter)) ?? lower) !== lower);
  expect(other).toEqual([]);
});

test("Patterns with several stars are evaluated in linear time", async () => {
  const text = (length: number) => `${"a".repeat(length)}b${"a".repeat(length)}`;
  const patterns = ["*a*a*a*a*b", "a*a*a*a*a*b", "*a*b*b*a*"].map((pattern) =>
    columnarPattern(sql`text`, pattern.split("*")),
  );
  for (const pattern of patterns) {
    const rows = await ctx.columnar.query(
      sql`select count(*) as count from (select ${text(1_000)} || i as text from range(2048) as t (i)) where ${pattern}`,
      { signal: AbortSignal.timeout(20_000) },
    );
    expect(rows).toEqual([{ count: 0 }]);
  }
});

test.each<[string, number, (term: number) => string]>([
  ["fractions", 10, (term) => `details.price > ${90_000 + term}.5`],
  ["objects", 10, (term) => `details.item:*absent*x${term}`],
  ["paths with indexes from the end", 10, (term) => `details.list.-1:absent${term}`],
  ["words that occur only in keys", 20, (term) => `price${term}`],
])("Many terms on %s in large documents read each document once", async (_, count, write) => {
  const filter = Array.from({ length: count }, (_, term) => write(term)).join(" or ");
  const { columnar: conditions } = readFilters(browsedTables.user_activities, { filters: { filter } }, "UTC");
  const keys = sql.raw(Array.from({ length: 20 }, (_, term) => `"price${term}": 1`).join(", "));
  const document = sql`'{"item": {"absent": "0 1 2 3 4 5 6 7 8 9 10"}, "list": [1], ${keys}, "price": ' || i || '.25, "text": [' || ${'"a", 1.5, '.repeat(400)} || '1]}'`;
  const columns = browsedTables.user_activities.columns.map(({ name }) =>
    name === "details" ? sql`${document} as details` : sql`'' as ${sql.identifier(name)}`,
  );
  const file = path.join(await ctx.columnar.makeFolder(), "large.parquet");
  await ctx.columnar.query(
    sql`copy (select ${sql.join(columns, sql`, `)} from range(2048) as t (i)) to ${sql.raw(`'${file}'`)} (format parquet)`,
  );
  const startedAt = performance.now();
  const rows = await ctx.columnar.query(
    sql`select id from read_parquet(${file}) where ${sql.join([...conditions], sql` and `)}`,
  );
  expect(rows).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

test("Filters have a limited number of terms that parse many documents", () => {
  const filter = Array.from({ length: 11 }, (_, term) => `details.price > ${term}.5`).join(" or ");
  expect(() => readFilters(browsedTables.user_activities, { filters: { filter } }, "UTC")).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ code: "input.filter_documents" })] }),
  );
});
