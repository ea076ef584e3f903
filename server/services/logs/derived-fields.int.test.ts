import { DuckDBInstance } from "@duckdb/node-api";
import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browsedTables } from "@/server/catalog";
import { type DerivedFieldName, derivedField } from "@/server/catalog/derived-fields";
import { derivedValue } from "@/server/db/derived-value";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import "@/server/testing/property-seed";
import { listLogs } from "./list-logs";

const RUNS = Number(process.env.DERIVED_RUNS ?? 400);
const access = browsedTables.access_logs;
const dialect = new PgDialect();

let test: TestContext;
let ctx: Context;
let duckdb: Awaited<ReturnType<DuckDBInstance["connect"]>>;
beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  duckdb = await (await DuckDBInstance.create(":memory:")).connect();
});
afterAll(async () => {
  duckdb?.closeSync();
  await test?.close();
});

function derivedSql(name: DerivedFieldName, column: SQL, place: "postgres" | "columns"): SQL {
  const field = derivedField(access, name);
  if (!field) throw new Error(name);
  return derivedValue(field.value, column, place);
}

/** The values of a field for each text, from both databases. */
async function valuesOf(name: DerivedFieldName, texts: readonly (string | null)[]) {
  const list = JSON.stringify(texts);
  const type = sql.raw(name === "status_class" ? "int" : "text");
  const inPostgres = dialect.sqlToQuery(sql`
    select ${derivedSql(name, sql`value`, "postgres")} as value
    from (select value::${type}, null::text as device_type from jsonb_array_elements_text(${list}::text::jsonb) with ordinality as list (value, n) order by n) as list`);
  const inDuckdb = dialect.sqlToQuery(sql`
    select ${derivedSql(name, sql`value`, "columns")} as value
    from (select cast(unnest(cast(cast(${list} as json) as varchar[])) as ${type}) as value, null::varchar as device_type) as list`);
  const postgres = await ctx.db.sql.unsafe<{ value: string | null }[]>(inPostgres.sql, inPostgres.params as string[]);
  const columns = await duckdb.runAndReadAll(inDuckdb.sql, inDuckdb.params as string[]);
  return {
    postgres: postgres.map(({ value }) => value),
    duckdb: columns.getRowObjectsJson().map(({ value }) => value),
  };
}

describe.each([
  [
    "route",
    {
      "/api/cases/123/files": "/api/cases/:id/files",
      "/api/cases/1/2/3": "/api/cases/:id/:id/:id",
      "/api/v1/cases": "/api/v1/cases",
      "/oauth2/token": "/oauth2/token",
      "/users/7f3b2c1a-9d4e-4f6a-8b1c-2d3e4f5a6b7c": "/users/:id",
      "/users/abcdefab-abcd-abcd-abcd-abcdefabcdef/edit": "/users/:id/edit",
      "/blobs/deadbeefdeadbeef": "/blobs/:id",
      "/blobs/deadbeef": "/blobs/deadbeef",
      "/days/2026-11-30/11:05:00.5": "/days/:id/:id",
      "/at/2026-11-30T08:00:00Z": "/at/:id",
      "/orders/ORD-2024_001": "/orders/:id",
      "/files/8231.pdf": "/files/:id.pdf",
      "/files/report.pdf": "/files/report.pdf",
      "/search?q=1&page=2": "/search",
      "/page#part?x": "/page",
      "/a//123//": "/a//:id//",
      "/": "/",
      "": "",
      "?x": "",
      "123": ":id",
      "*": "*",
      "https://example.com/cases/9": "https://example.com/cases/:id",
      "/案件/%E6%A1%88%E4%BB%B6/９９９": "/案件/%E6%A1%88%E4%BB%B6/９９９",
      "/a\n123/123\n": "/a\n123/123\n",
    },
  ],
  [
    "referer_host",
    {
      "https://www.Example.COM:8443/path?x": "example.com",
      "http://user:pa@ss@host.example/": "host.example",
      "https://[2001:DB8::1]:443/": "[2001:db8::1]",
      "android-app://com.example.app/": "com.example.app",
      "https://www.com/": "www.com",
      "https://bücher.example/Ä": "bücher.example",
      "https://ÄX.example": "Äx.example",
      "https://example.com?u=http://other.example/": "example.com",
      "https://example.com:99x/": null,
      "https://": null,
      "//example.com/": null,
      "example.com": null,
      "-": null,
      "": null,
    },
  ],
  ["status_class", { "200": "2xx", "404": "4xx", "0": "0xx", "99": "0xx", "999": "9xx" }],
  [
    "is_bot",
    {
      "Mozilla/5.0 (compatible; Googlebot/2.1)": "true",
      "curl/8.5.0": "true",
      "Python-Requests/2": "true",
      "Mozilla/5.0 (Windows NT 10.0) Chrome/126": "false",
      "Mozilla/5.0 (Linux; CUBOT_X18)": "false",
      "Mozilla/5.0 (compatible; GPTBot/1.3; +https://openai.com/gptbot)": "true",
      "WordPress/6.8.2; https://example.com": "true",
      "ſpider KURL/": "false",
      "": "false",
    },
  ],
] as const satisfies readonly [DerivedFieldName, Record<string, string | null>][])("%s", (name, examples) => {
  it("has the documented values in both databases, and none without a value of its column", async () => {
    const values = [...Object.values(examples), null];
    const found = await valuesOf(name, [...Object.keys(examples), null]);
    expect(found.postgres).toEqual(values);
    expect(found.duckdb).toEqual(values);
  });

  it("has the same value in both databases for hostile and generated texts", async () => {
    const parts = fc.constantFrom(
      ...["/", "//", "?", "#", "1", "22", "333", "a", "Z", "-", "_", ".", ":", "@", "[", "]", "www.", "http://", "://"],
      ...["2026-11-30", "T", "+", "~", "=", "%41", "deadbeef", "\n", "\r\n", "\u2028", "é", "e\u0301", "案", "😀", " "],
      ...["\\", "\\1", "$", "^", "K", "ſ", "İ", "bot", "BOT", "spider", "curl/", ":id", ".pdf", "١", "v1", "com"],
    );
    const text = fc.oneof(
      fc.array(parts, { maxLength: 16 }).map((list) => list.join("")),
      fc.string({ unit: "binary", maxLength: 40 }).map((any) => any.replaceAll("\0", "")),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.uuid().map((id) => `/x/${id}`),
    );
    const value = name === "status_class" ? fc.integer({ min: 0, max: 999 }).map(String) : text;
    const texts = fc.sample(value, RUNS);
    const found = await valuesOf(name, texts);
    const differing = texts.flatMap((given, n) =>
      found.duckdb[n] === found.postgres[n] ? [] : [[given, found.duckdb[n], found.postgres[n]]],
    );
    expect(differing).toEqual([]);
  });
});

describe("A filter by a derived field", () => {
  const events = [
    {
      request_path: "/api/cases/123/files",
      referer: "https://www.a.example/1",
      status_code: 404,
      user_agent: "curl/8",
    },
    { request_path: "/api/cases/9?x=1", referer: "http://b.example", status_code: 503, user_agent: "Chrome" },
    { request_path: "/api/cases", status_code: 200 },
    { request_path: "/login", referer: "", user_agent: "Chrome" },
  ];
  beforeAll(async () => {
    await insertAccessLogs(
      ctx,
      events.map((event, n) => ({ ...event, session_id: String(n), ip_address: "203.0.113.7" })),
    );
  });

  it.each([
    ["route:/api/cases/:id", [1]],
    ["route:/api/cases/:id/files", [0]],
    ["route:/api/cases*", [0, 1, 2]],
    ["route:*:id*", [0, 1]],
    ["-route:*:id*", [2, 3]],
    ["route:(/login, /api/cases)", [2, 3]],
    ["route != /login", [0, 1, 2]],
    ["route:null", []],
    ["referer_host:a.example", [0]],
    ["referer_host:*.example status_class:5xx", [1]],
    ["referer_host:null", [2, 3]],
    ['referer_host:""', []],
    ["status_class:(4XX, 5xx)", [0, 1]],
    ["status_class:null", [3]],
    ["status_class:*xx", [0, 1, 2]],
    ["is_bot:true", [0]],
    ["is_bot:false", [1, 3]],
    ["is_bot:null or is_bot:true", [0, 2]],
  ])("%s", async (filter, expected) => {
    const { items } = await listLogs(ctx, "access_logs", { filters: { filter } });
    expect(items.map((row: Record<string, unknown>) => Number(row.session_id)).sort()).toEqual(expected);
  });

  it("cannot be compared by order, and has no members", async () => {
    const errorOf = async (filter: string) => {
      const error: unknown = await listLogs(ctx, "access_logs", { filters: { filter } }).catch((reason) => reason);
      return error;
    };
    expect(await errorOf("route > /a")).toMatchObject({ errors: [{ code: "input.filter_no_order", position: 8 }] });
    expect(await errorOf("route.x:1")).toMatchObject({ errors: [{ code: "input.filter_field", position: 0 }] });
    const none: unknown = await listLogs(ctx, "user_activities", { filters: { filter: "route:/" } }).catch((e) => e);
    expect(none).toMatchObject({ errors: [{ code: "input.filter_field" }] });
  });
});
