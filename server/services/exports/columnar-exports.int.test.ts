import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logTables } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { hasPython } from "@/server/testing/python";
import type { ExportParams } from "./contract";
import { previewExport } from "./preview-export";
import { runExport } from "./run-export";
import { startExport } from "./start-export";

const operator: Principal = { kind: "user", id: "7", name: "anna@example.com", role: "operator" };
const ROWS = 300;
const SPECIAL_TEXTS = [
  "",
  '"',
  "\\",
  "\\.",
  "\\N",
  "line\nfeed\r\n",
  "\x01\x02\x08\x1f\x7f",
  "\u2028\u2029\uFEFF\uFFFF",
  "\u{1F600} e\u0301 中文",
  "null",
  "NULL",
  "=1+1",
  "1e5",
  "x".repeat(40_000),
];
/** JSON as text, because JavaScript would change its numbers. */
const DOCUMENTS = [
  "null",
  "{}",
  '{"n": 1.10, "big": 12345678901234567890123456789, "small": -0.00000000000000000000001, "zero": 0.0}',
  '{"a.b": {"案号": "（2024）京01民终123号"}, "": [null, true, "\\u0001\\n\\"\\\\"]}',
  "[1, [2, []]]",
  '"text"',
  "9007199254740993",
];

let opened: TestContext;
let ctx: Context;
beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Asia/Kolkata", MAX_EXPORT_ROWS: "10" } });
  ctx = opened.context;
  const text = fc.oneof(
    fc.constantFrom(...SPECIAL_TEXTS),
    fc.string({ unit: "binary", maxLength: 30 }).map((any) => any.replaceAll("\0", "")),
  );
  const event = fc.record({
    request_path: text.map((any) => `/${any}`),
    user_id: fc.option(text),
    user_agent: fc.option(text),
    referer: fc.option(text),
    ip_address: fc.oneof(fc.ipV4(), fc.ipV6()),
    status_code: fc.option(fc.integer({ min: 0, max: 999 })),
    response_time: fc.option(fc.integer({ min: 2, max: 2_147_483_647 })),
  });
  const events = fc.sample(event, ROWS).map((fields, n) => ({
    ...fields,
    created_at: `2024-0${1 + (n % 6)}-28T23:59:59.${String(n * 3_331).padStart(6, "0")}Z`,
  }));
  await insertAccessLogs(ctx, events);
  await ctx.db.sql`
    update access_logs set extra = (${DOCUMENTS}::text[])[1 + status_code % ${DOCUMENTS.length}]::jsonb
    where status_code is not null`;
});
afterAll(() => opened?.close());

async function exported(params: Partial<ExportParams>) {
  const result = await runExport(ctx, {
    id: randomUUID(),
    params: { export_type: "access_logs", format: "ndjson", filters: {}, compress: "none", bom: false, ...params },
    requestedBy: operator.name,
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  return { result, file: path.join(ctx.config.dataDir, result.file_path) };
}

const COLUMNS = logTables.access_logs.columns.map(({ name }) => name);

/** The rows in PostgreSQL's own text format, JSON as text. */
async function expectedRows(): Promise<Record<string, string | number | null>[]> {
  const rows = await ctx.db.sql<Record<string, string | number | null>[]>`
    select id::text, to_char(created_at at time zone 'Asia/Kolkata', 'YYYY-MM-DD"T"HH24:MI:SS.US"+05:30"') as created_at,
      user_id, session_id, host(ip_address) as ip_address, user_agent, referer, request_path, request_method,
      status_code, response_time, device_type, browser, os, country, region, city, extra::text
    from access_logs
    order by access_logs.created_at, access_logs.id`;
  return rows.map((row) => ({ ...row }));
}

const PYTHON_READER = `
import json, sys
read = lambda text: json.loads(text, parse_int=lambda n: ("number", n), parse_float=lambda n: ("number", n))
lines = open(sys.argv[1], newline="", encoding="utf-8").read().split("\\n")
rows = json.load(open(sys.argv[2], encoding="utf-8"))
assert lines.pop() == "" and len(lines) == len(rows), len(lines)
for line, row in zip(lines, rows):
    found = read(line)
    assert list(found) == list(row), line
    for name, value in row.items():
        expected = read(value) if name == "extra" and value is not None else value
        if isinstance(expected, int): expected = ("number", str(expected))
        assert found[name] == expected, (name, found[name], expected)
print(len(lines))`;

test("NDJSON has every value of every row, with the digits of all numbers in JSON", async () => {
  const { result, file } = await exported({});
  const expected = await expectedRows();
  expect(expected).toHaveLength(ROWS);
  const text = await readFile(file, "utf8");
  expect(result).toMatchObject({ row_count: ROWS, format: "ndjson" });
  expect(result.file_name).toMatch(/^access_logs_all_all_.*\.ndjson$/);
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    expected.map((row) => ({ ...row, extra: typeof row.extra === "string" ? JSON.parse(row.extra) : null })),
  );
  if (!hasPython) return;
  const rowsFile = `${file}.expected`;
  await writeFile(rowsFile, JSON.stringify(expected));
  expect(execFileSync("python3", ["-c", PYTHON_READER, file, rowsFile], { encoding: "utf8" }).trim()).toBe(`${ROWS}`);
});

test("DuckDB reads NDJSON, also gzipped", async () => {
  const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
  const typeOf = (name: string) =>
    /^(status|response)_/.test(name) ? "INTEGER" : name === "extra" ? "JSON" : "VARCHAR";
  const types = COLUMNS.map((name) => `'${name}': '${typeOf(name)}'`);
  for (const compress of ["none", "gzip"] as const) {
    const { file } = await exported({ compress });
    const reader = await duckdb.runAndReadAll(
      `from read_json('${file}', format = 'newline_delimited', columns = {${types.join(", ")}})`,
    );
    const json = (value: unknown) => (typeof value === "string" ? JSON.parse(value) : null);
    expect(reader.getRowObjectsJson().map((row) => ({ ...row, extra: json(row.extra) }))).toEqual(
      (await expectedRows()).map((row) => ({ ...row, extra: json(row.extra) })),
    );
  }
  duckdb.closeSync();
});

/** The rows of a Parquet file as DuckDB reads them, times as in NDJSON. */
async function rowsOfParquet(file: string, names: readonly string[] = COLUMNS) {
  const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
  await duckdb.run("set TimeZone = 'Asia/Kolkata'");
  const shown = (name: string) =>
    name === "created_at" ? `strftime(created_at, '%Y-%m-%dT%H:%M:%S.%f%z') as created_at` : name;
  const reader = await duckdb.runAndReadAll(`select ${names.map(shown).join(", ")} from '${file}'`);
  const types = await duckdb.runAndReadAll(`select name, type, converted_type from parquet_schema('${file}')`);
  duckdb.closeSync();
  return { rows: reader.getRowObjectsJson(), types: types.getRowObjectsJson() };
}

test("Parquet has every value of every row, with types that other programs read", async () => {
  const { result, file } = await exported({ format: "parquet" });
  expect(result.file_name).toMatch(/^access_logs_all_all_.*\.parquet$/);
  expect(result.row_count).toBe(ROWS);
  const { rows, types } = await rowsOfParquet(file);
  expect(rows).toEqual(await expectedRows());
  expect(types.slice(1).map(({ name, type, converted_type }) => `${name} ${type} ${converted_type}`)).toEqual(
    COLUMNS.map((name) => {
      if (name === "created_at") return "created_at INT64 TIMESTAMP_MICROS";
      return /^(status_code|response_time)$/.test(name) ? `${name} INT32 INT_32` : `${name} BYTE_ARRAY UTF8`;
    }),
  );
});

test.each([["session_id"], ["status_code"], ["referer"], ["extra"]])(
  "a Parquet file of the column %s alone has a row for each row, also without a value",
  async (name) => {
    const { rows } = await rowsOfParquet((await exported({ format: "parquet", columns: [name] })).file, [name]);
    expect(rows).toEqual((await expectedRows()).map((row) => ({ [name]: row[name] })));
  },
);

test("a Parquet file without rows has the columns", async () => {
  const { file, result } = await exported({ format: "parquet", filters: { user_id: "nobody else" } });
  expect(result.row_count).toBe(0);
  const { rows, types } = await rowsOfParquet(file);
  expect(rows).toEqual([]);
  expect(types.slice(1).map(({ name }) => name)).toEqual(COLUMNS);
});

test("chosen columns are in the chosen order, and a filter without rows yields an empty file", async () => {
  const { file } = await exported({ columns: ["extra", "status_code"], compress: "none" });
  const [line = ""] = (await readFile(file, "utf8")).split("\n");
  expect(Object.keys(JSON.parse(line))).toEqual(["extra", "status_code"]);
  const empty = await exported({ filters: { filter: "user_id:nobody-else" }, compress: "gzip" });
  expect(gunzipSync(await readFile(empty.file)).length).toBe(0);
  expect(empty.result.row_count).toBe(0);
});

test("NDJSON has its own limit, and the estimate is for its size", async () => {
  const request = { export_type: "access_logs", format: "ndjson", filters: {}, compress: "none", bom: false } as const;
  const preview = await previewExport(ctx, request);
  expect(preview).toMatchObject({ limit: 10_000_000, over_limit: false, row_count: ROWS });
  await expect(startExport(ctx, operator, { ...request, format: "csv" })).rejects.toMatchObject({
    code: "export.too_many_rows",
    params: { limit: 10 },
  });
  await expect(startExport(ctx, operator, { ...request, max_rows: 7 })).rejects.toMatchObject({ params: { limit: 7 } });
  const { size_bytes } = (await exported({})).result;
  expect(preview.estimated_bytes / size_bytes).toBeGreaterThan(0.6);
  expect(preview.estimated_bytes / size_bytes).toBeLessThan(1.5);
});

test("the statistics report is rejected in a format for rows", async () => {
  const request = { export_type: "statistics", format: "ndjson" } as const;
  await expect(startExport(ctx, operator, request)).rejects.toMatchObject({
    kind: "UNPROCESSABLE",
    errors: [{ path: "format", code: "input.not_for_report" }],
  });
});
