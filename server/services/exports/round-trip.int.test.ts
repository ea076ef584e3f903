import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import ExcelJS from "exceljs";
import Papa from "papaparse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { insertUserActivities } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { hasPython } from "@/server/testing/python";
import type { ExportParams } from "./contract";
import { runExport } from "./run-export";

const SPECIAL_TEXTS = [
  "",
  " leading and trailing ",
  '"',
  '""quoted"", twice',
  "a,b;c\td",
  "line\nfeed",
  "carriage\rreturn",
  "both\r\nof them\r\n",
  "\r\n",
  "\\.",
  "\\N",
  "NULL",
  "back\\slash",
  "'single'",
  "中文，全角；“引号”",
  "\u{1F600} \u{20BB7} e\u0301",
  "\u00A0\u2028\u2029\uFEFF",
  "\x01\x02\x08\x0b\x0c\x1f\x7f",
  "\uFFFE\uFFFF",
  "<b> & ]]>",
  "_x000D_ and _x0041_",
  "SKU_x0041\r",
  "SKU_x0041\x7f_x00",
  "007",
  "1e5",
  "2024-01-31",
  "TRUE",
  "x".repeat(40_000),
];
const FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\ttab", "\rreturn", '=HYPERLINK("http://x","y")'];
const HARMLESS = ["1=1", "a-b", "'=1", " =1", "/path", "\n=1"];

let opened: TestContext;
let ctx: Context;
beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Asia/Shanghai" } });
  ctx = opened.context;
  await insertUserActivities(
    ctx,
    [...SPECIAL_TEXTS, ...FORMULAS, ...HARMLESS].map((text, index) => ({
      user_id: `-${index}`,
      action: "test",
      resource_id: text,
      details: { text, numbers: [-1, 2.5], nested: { "=a": null } },
      user_agent: index % 2 === 0 ? text : undefined,
      created_at: `2024-05-06T16:00:00.${String(index).padStart(6, "0")}Z`,
    })),
  );
});
afterAll(() => opened?.close());

const COLUMNS = logTables.user_activities.columns.map((column) => column.name);

async function exported(params: Partial<ExportParams>) {
  const result = await runExport(ctx, {
    id: randomUUID(),
    params: { export_type: "user_activities", format: "csv", filters: {}, compress: "none", bom: false, ...params },
    requestedBy: "tester",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  return { result, file: path.join(ctx.config.dataDir, result.file_path) };
}

/** The rows that a CSV reader must return, from PostgreSQL's own text format. */
async function expectedRows(): Promise<string[][]> {
  const rows = await ctx.db.sql<Record<string, string | null>[]>`
    select id::text, to_char(created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS.US') as created_at,
      user_id, action, resource_type, resource_id, details::text, ip_address, user_agent, session_id, extra::text
    from user_activity_logs
    order by user_activity_logs.created_at, user_activity_logs.id`;
  const texts = new Set(logTables.user_activities.columns.flatMap(({ name, type }) => (type === "text" ? [name] : [])));
  return rows.map((row) =>
    COLUMNS.map((name) => {
      const value = row[name] ?? "";
      if (name === "created_at") return `${value}+08:00`;
      return texts.has(name) && /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    }),
  );
}

const PYTHON_READER = `
import csv, json, sys
csv.field_size_limit(10**8)
print(json.dumps(list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))))`;

test("every special character is restored from the CSV, with formulas escaped", async () => {
  const { result, file } = await exported({});
  const text = await readFile(file, "utf8");
  const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: false, newline: "\r\n" });
  expect(errors).toEqual([]);
  expect(data.pop()).toEqual([""]);
  expect(data[0]).toEqual(COLUMNS);
  expect(data.slice(1)).toEqual(await expectedRows());
  expect(result.row_count).toBe(data.length - 1);
  if (hasPython) {
    const read = execFileSync("python3", ["-c", PYTHON_READER, file], { encoding: "utf8", maxBuffer: 1e9 });
    expect(JSON.parse(read)).toEqual(data);
  }
});

test("a single column yields a line for each row, also when it is empty", async () => {
  const { file } = await exported({ columns: ["session_id"] });
  const lines = (await readFile(file, "utf8")).split("\r\n");
  expect(lines).toEqual(["session_id", ...(await expectedRows()).map(() => '""'), ""]);
});

test("gzip, zip and the byte order mark contain the same rows", async () => {
  const plain = await readFile((await exported({})).file);
  expect(gunzipSync(await readFile((await exported({ compress: "gzip" })).file))).toEqual(plain);
  const marked = await readFile((await exported({ bom: true })).file);
  expect(marked.equals(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), plain]))).toBe(true);
  const { file, result } = await exported({ compress: "zip" });
  expect(result.file_name).toMatch(/\.csv\.zip$/);
  if (hasPython) {
    const script =
      "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.stdout.buffer.write(z.read(z.namelist()[0]))";
    expect(execFileSync("python3", ["-c", script, file], { maxBuffer: 1e9 })).toEqual(plain);
  }
});

test("no rows yield a file with a header", async () => {
  const { file, result } = await exported({ filters: { action: "nothing" } });
  expect(result.row_count).toBe(0);
  expect(await readFile(file, "utf8")).toBe(`${COLUMNS.join(",")}\r\n`);
});

/** How Excel displays SpreadsheetML escapes. */
const unescapeCell = (text: string) =>
  text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

test("a workbook contains texts, numbers and dates with their types, under a bold frozen header with a filter", async () => {
  const { file } = await exported({ format: "excel" });
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(file);
  const sheet = book.getWorksheet("user_activities");
  const texts = [...SPECIAL_TEXTS, ...FORMULAS, ...HARMLESS];
  expect(sheet?.rowCount).toBe(texts.length + 1);
  expect(sheet?.getRow(1).font?.bold).toBe(true);
  expect(sheet?.views[0]).toMatchObject({ state: "frozen", ySplit: 1 });
  expect(sheet?.autoFilter).toBe(`A1:K${texts.length + 1}`);
  const at = (name: string) => COLUMNS.indexOf(name) + 1;
  for (const [index, text] of texts.entries()) {
    const row = sheet?.getRow(index + 2);
    expect(row?.getCell(at("user_id")).value).toBe(`-${index}`);
    const time = row?.getCell(at("created_at")).value;
    // In Shanghai it is the next day; exceljs reads a cell's date as UTC.
    expect(time instanceof Date && time.toISOString().slice(0, 19)).toBe("2024-05-07T00:00:00");
    // exceljs decodes the escapes of inline texts.
    const { value, text: shown } = row?.getCell(at("resource_id")) ?? {};
    const cell = typeof value === "string" ? unescapeCell(value) : (shown ?? "");
    if (text.length > 32_767) expect(cell).toMatch(/^x{32000}x* …\[cut\]$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: characters that XML forbids.
    else expect(cell).toBe(text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\uFFFD"));
  }
});

test("times have six fractional digits in a CSV, and the last microsecond of a day is on that day in Excel", async () => {
  const day = { start_date: "2024-06-30", end_date: "2024-06-30" };
  await insertUserActivities(
    ctx,
    ["23:59:59.999999", "00:00:00", "12:00:00.5", "12:00:00.123"].map((time, index) => ({
      user_id: `time-${index}`,
      action: "time",
      created_at: `2024-06-30T${time}+08:00`,
    })),
  );
  const csv = await readFile((await exported({ ...day, columns: ["user_id", "created_at"] })).file, "utf8");
  expect(csv.split("\r\n").slice(1, -1)).toEqual([
    "time-1,2024-06-30T00:00:00.000000+08:00",
    "time-3,2024-06-30T12:00:00.123000+08:00",
    "time-2,2024-06-30T12:00:00.500000+08:00",
    "time-0,2024-06-30T23:59:59.999999+08:00",
  ]);
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile((await exported({ ...day, format: "excel", columns: ["created_at"] })).file);
  const times: unknown[] = [];
  book.worksheets[0]?.eachRow((row, number) => {
    const { value } = row.getCell(1);
    if (number > 1) times.push(value instanceof Date ? value.toISOString() : value);
  });
  expect(times).toEqual([
    "2024-06-30T00:00:00.000Z",
    "2024-06-30T12:00:00.123Z",
    "2024-06-30T12:00:00.500Z",
    "2024-06-30T23:59:59.999Z",
  ]);
  await ctx.db.sql`delete from user_activity_logs where action = 'time'`;
});

test("the statistics add up, in a workbook and in a zip of CSV files, and show when there are more paths than listed", async () => {
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, user_id, request_path, response_time)
    select gen_random_uuid(), now(), '10.0.0.1', 'user-' || i % 1000, '/' || i, i
    from generate_series(1, 1001) as i`;
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile((await exported({ export_type: "statistics", format: "excel" })).file);
  expect(book.worksheets.map((sheet) => sheet.name)).toEqual([
    "overview",
    "by_day",
    "by_hour",
    "status_codes",
    "paths",
    "users",
    "addresses",
    "devices_and_browsers",
    "response_times",
    "actions",
  ]);
  const count = SPECIAL_TEXTS.length + FORMULAS.length + HARMLESS.length;
  const metrics = new Map<unknown, unknown[]>();
  book.getWorksheet("overview")?.eachRow((row) => {
    metrics.set(row.getCell(1).value, [row.getCell(2).value, row.getCell(3).value]);
  });
  expect(metrics.get("activities")).toEqual([count, null]);
  expect(metrics.get("active_users")).toEqual([count, null]);
  expect(book.getWorksheet("actions")?.getRow(2).values).toEqual([undefined, "test", count, count]);
  expect(metrics.get("users")).toEqual([1_000, null]);
  expect(metrics.get("paths")).toEqual([1_001, "only the 1,000 with the most requests are listed"]);
  expect(book.getWorksheet("paths")?.rowCount).toBe(1_002);
  const { result, file } = await exported({ export_type: "statistics" });
  expect(result.file_name).toMatch(/^statistics_all_all_.*\.zip$/);
  if (hasPython) {
    const script =
      "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read('response_times.csv'))";
    const text = execFileSync("python3", ["-c", script, file], { encoding: "utf8" });
    const { data } = Papa.parse<{ percentile: string }>(text, { header: true, skipEmptyLines: true });
    expect(data.map(({ percentile }) => percentile)).toEqual(["50", "75", "90", "95", "99", "99.9", "100"]);
  }
});
