import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import ExcelJS from "exceljs";
import Papa from "papaparse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { insertUserActivities } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import type { ExportParams } from "../contract";
import { previewExport } from "../preview-export";
import { findExport } from "../records";
import { runExport } from "../run-export";

const LONG_KEY = `${"长".repeat(40)}`;
/** JSON as text, because JavaScript would change its numbers. */
const DOCUMENTS = [
  `{"amount": 12.50, "paid": true, "action": "refund", "order": {"id": 9007199254740993, "tags": ["a"]}, "=cmd|' /C": "=1+1", "Unit": "€", "unit": true, "line": "3", "USER_ID": "x"}`,
  `{"amount": 1e400, "paid": false, "mixed": 1, "note": "-5", "${LONG_KEY}": 1, "${LONG_KEY}x": 2}`,
  `{"amount": null, "mixed": "one", "quote\\"d, name": "x", "__proto__": "p", "date": "2024-05-06", "amount.": {"": 3}}`,
  `[1, 2]`,
];

let opened: TestContext;
let ctx: Context;
beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Asia/Shanghai" } });
  ctx = opened.context;
  await insertUserActivities(
    ctx,
    DOCUMENTS.map((_, index) => ({ user_id: `u${index}`, action: "pay", created_at: `2024-05-06T16:00:0${index}Z` })),
  );
  await ctx.db.sql`
    update user_activity_logs set details = (${DOCUMENTS}::text[])[1 + right(user_id, 1)::int]::jsonb`;
  await ctx.db.sql`update user_activity_logs set extra = '{"amount": 7}' where user_id = 'u3'`;
});
afterAll(() => opened?.close());

async function exported(params: Partial<ExportParams>) {
  const id = randomUUID();
  const result = await runExport(ctx, {
    id,
    params: {
      export_type: "user_activities",
      format: "csv",
      filters: {},
      columns: ["user_id"],
      compress: "none",
      bom: false,
      ...params,
    },
    requestedBy: "tester",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const manifest = (await findExport(ctx, { id }))?.manifest;
  return { file: path.join(ctx.config.dataDir, result.file_path), manifest };
}

async function rowsOfCsv(file: string): Promise<Record<string, string>[]> {
  const { data, errors } = Papa.parse<string[]>(await readFile(file, "utf8"), { skipEmptyLines: true });
  expect(errors).toEqual([]);
  const [header = [], ...rows] = data;
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}

test("all members of JSON columns become columns with distinct names, and the manifest describes them", async () => {
  const { file, manifest } = await exported({ json_columns: "all" });
  const fields = Object.fromEntries(
    (manifest?.json_columns ?? []).map(({ name, field, type }) => [name, { field, type }]),
  );
  expect(fields).toMatchObject({
    // "amount" of another column, "action" of the table.
    amount: { field: "details.amount", type: "number" },
    "extra.amount": { field: "extra.amount", type: "number" },
    "details.action": { field: "details.action", type: "text" },
    paid: { type: "boolean" },
    "order.id": { type: "number" },
    "order.tags": { type: "text" },
    mixed: { type: "text" },
    date: { type: "text" },
    "details.__proto__": { field: "details.__proto__", type: "text" },
  });
  expect(manifest).toMatchObject({ columns: ["user_id"], json_columns_requested: "all", json_columns_omitted: 0 });
  const names = (manifest?.json_columns ?? []).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);

  const rows = await rowsOfCsv(file);
  expect(rows[0]).toMatchObject({
    amount: "12.50",
    paid: "true",
    "order.id": "9007199254740993",
    "order.tags": '["a"]',
    // Neither the name nor the value runs as a formula.
    "'=cmd|' /C": "'=1+1",
  });
  expect(rows[1]).toMatchObject({ amount: `1${"0".repeat(400)}`, note: "'-5", mixed: "1" });
  expect(rows[2]).toMatchObject({ amount: "", mixed: "one", 'quote"d, name': "x", date: "2024-05-06" });
  expect(rows[3]).toMatchObject({ amount: "", "extra.amount": "7" });
});

test("a workbook has numbers and booleans of JSON as such, below the column names of the interface", async () => {
  const request = { format: "excel" as const, headers: "zh-CN" as const, columns: ["user_id", "ip_address"] };
  const { file, manifest } = await exported({ ...request, json_columns: "all" });
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(file);
  const sheet = book.worksheets[0];
  const header = sheet?.getRow(1).values as string[];
  expect(header.slice(1, 3)).toEqual(["用户", "IP 地址"]);
  expect(manifest).toMatchObject({ headers: "zh-CN", columns: ["user_id", "ip_address"] });
  expect(manifest?.header).toEqual(header.slice(1));
  const cell = (row: number, name: string) => sheet?.getRow(row).getCell(header.indexOf(name)).value ?? null;
  expect([cell(2, "amount"), cell(2, "paid"), cell(2, "order.id")]).toEqual([12.5, true, 9007199254740992]);
  // Excel has no such number.
  expect([cell(3, "amount"), cell(3, "paid"), cell(4, "amount")]).toEqual([null, false, null]);
  expect([cell(4, "details.__proto__"), cell(4, "date")]).toEqual(["p", "2024-05-06"]);
});

test("chosen members have their types in Parquet and NDJSON, and values of another type are missing", async () => {
  const json_columns = [
    { field: "details.mixed", type: "number" as const },
    { field: "details.amount" },
    { field: "details.paid" },
    { field: 'details."quote\\"d, name"' },
  ];
  const parquet = await exported({ format: "parquet", json_columns });
  const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
  const read = await duckdb.runAndReadAll(`from '${parquet.file}'`);
  duckdb.closeSync();
  expect(read.columnTypes().map(String)).toEqual(["VARCHAR", "DOUBLE", "DOUBLE", "BOOLEAN", "VARCHAR"]);
  expect(read.getRowsJson()).toEqual([
    ["u0", null, 12.5, true, null],
    ["u1", 1, null, false, null],
    ["u2", null, null, null, "x"],
    ["u3", null, null, null, null],
  ]);
  const { file } = await exported({ format: "ndjson", json_columns });
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  expect(lines[0]).toBe('{"user_id":"u0","mixed":null,"amount":12.50,"paid":true,"quote\\"d, name":null}');
});

test.each(["ndjson", "parquet"] as const)(
  "%s has all members, also those whose names differ in case",
  async (format) => {
    const { file, manifest } = await exported({ format, json_columns: "all" });
    const read = format === "ndjson" ? "read_ndjson" : "read_parquet";
    const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
    const rows = await duckdb.runAndReadAll(`from ${read}('${file}') where user_id = 'u0'`);
    duckdb.closeSync();
    const names = ["user_id", ...(manifest?.json_columns ?? []).map(({ name }) => name)];
    expect(rows.deduplicatedColumnNames()).toEqual(names);
    expect(rows.getRowObjectsJson()).toMatchObject([
      { Unit: "€", "details.unit": true, line: "3", "details.USER_ID": "x" },
    ]);
  },
);

test("the estimate names the columns of JSON members that the filters leave", async () => {
  const request = { export_type: "user_activities", format: "csv", compress: "none", bom: false } as const;
  const preview = await previewExport(ctx, { ...request, filters: { user_id: "u3" }, json_columns: "all" });
  expect(preview.json_columns).toEqual([{ name: "amount", field: "extra.amount", type: "number" }]);
  const plain = await previewExport(ctx, { ...request, filters: {} });
  expect(plain.json_columns).toBeNull();
});

test("members of no JSON column, and names in a language for programs, are rejected with the reason", async () => {
  const refused = (params: Partial<ExportParams>) =>
    exported(params).then(
      () => [],
      (error: { errors: { path: string; code: string }[] }) => error.errors.map(({ path, code }) => `${path} ${code}`),
    );
  const fields = ["user_id", "details", "nothing.amount", 'details.a" or 1', "details.a", "details.a"];
  expect(await refused({ json_columns: fields.map((field) => ({ field })) })).toEqual([
    ...[0, 1, 2, 3].map((index) => `json_columns.${index}.field input.no_json_member`),
    "json_columns.5.field input.named_twice",
  ]);
  expect(await refused({ headers: "en", format: "parquet" })).toEqual(["headers input.no_header"]);
  expect(await refused({ headers: "en", export_type: "statistics" })).toContain("headers input.not_for_report");
});

test("a CSV file without JSON members has exactly the names of the interface", async () => {
  const { file } = await exported({ columns: undefined, headers: "en" });
  const [header = ""] = (await readFile(file, "utf8")).split("\r\n");
  expect(header.split(",")).toHaveLength(logTables.user_activities.columns.length);
  expect(header).toMatch(/^ID,Time,User,/);
});
