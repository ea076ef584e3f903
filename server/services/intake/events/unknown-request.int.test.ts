import { readFile } from "node:fs/promises";
import path from "node:path";
import ExcelJS from "exceljs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { runExport } from "@/server/services/exports";
import { listLogs } from "@/server/services/logs";
import { logHistogram } from "@/server/services/logs/histogram";
import { countAllTraffic } from "@/server/services/overview/traffic/count-traffic";
import { runCleanup, runRestore } from "@/server/services/retention";
import { cleanupParams, jobRun, tableRows } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { insertAccessLogs } from "../insert";

let opened: TestContext;
let ctx: Context;

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  const events = [
    { ...visit(1), request_method: "GET", status_code: 200 },
    { ...visit(2), request_method: "POST", status_code: 500 },
    visit(3),
    { ...visit(4), request_method: null, status_code: "" },
  ];
  await insertAccessLogs(ctx, events);
});
afterAll(() => opened?.close());

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const visit = (n: number) => ({
  id: id(n),
  created_at: `2025-03-01T00:00:0${n}Z`,
  ip_address: "203.0.113.7",
  request_path: "/cases",
});

async function listed(filters: Record<string, string>) {
  const page = await listLogs(ctx, "access_logs", { filters, page_size: 10, sort: "created_at" });
  return page.items.map((row) => row.id);
}

test("A request without method and status is stored without them", async () => {
  const page = await listLogs(ctx, "access_logs", { page_size: 10, sort: "created_at" });
  expect(page.items.map(({ request_method, status_code }) => [request_method, status_code])).toEqual([
    ["GET", 200],
    ["POST", 500],
    [null, null],
    [null, null],
  ]);
});

test("It matches neither success nor error filters, and is not excluded by their negations", async () => {
  expect(await listed({ status_code: "200" })).toEqual([id(1)]);
  expect(await listed({ status_code: "2xx,4xx,5xx" })).toEqual([id(1), id(2)]);
  expect(await listed({ request_method: "GET" })).toEqual([id(1)]);
  expect(await listed({ not_status_code: "200" })).toEqual([id(2), id(3), id(4)]);
  expect(await listed({ not_request_method: "GET" })).toEqual([id(2), id(3), id(4)]);
});

test("It counts as a request, and as neither success nor error, in chart, overview and report", async () => {
  const histogram = await logHistogram(ctx, "access_logs", {
    buckets: 1,
    start_date: "2025-03-01",
    end_date: "2025-03-01",
  });
  expect(histogram.buckets).toMatchObject([{ count: 4, by_status: { "2xx": 1, "5xx": 1, none: 2 } }]);

  await countAllTraffic(ctx);
  const traffic = await ctx.db.sql<{ dimension: string; value: string; rows: number }[]>`
    select dimension, value, rows::int from traffic
    where grain = 'day' and dimension in ('all', 'class', 'status') order by dimension, value`;
  expect(traffic.map(({ dimension, value, rows }) => `${dimension} ${value} ${rows}`)).toEqual([
    "all  4",
    "class 2xx 1",
    "class 5xx 1",
    "status 200 1",
    "status 500 1",
  ]);

  const { file_path } = await runExport(ctx, exportRun({ export_type: "statistics", format: "excel" }));
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(path.join(ctx.config.dataDir, file_path));
  const [, , requests, clientErrors, serverErrors] = book.getWorksheet("overview")?.getColumn(2).values ?? [];
  expect([requests, clientErrors, serverErrors]).toEqual([4, 0, 1]);
});

test("An export leaves its cells empty, and an archive restores it unchanged", async () => {
  const { file_path } = await runExport(ctx, exportRun({ export_type: "access_logs", format: "csv" }));
  const csv = await readFile(path.join(ctx.config.dataDir, file_path), "utf8");
  const lines = csv.trim().split("\r\n");
  const [method, status] = ["request_method", "status_code"].map((name) => lines[0]?.split(",").indexOf(name) ?? -1);
  const cells = lines.slice(1).map((line) => line.split(","));
  const cellsOf = (wanted: string) => cells.find((row) => row[0] === wanted);
  expect([cellsOf(id(3))?.[method ?? -1], cellsOf(id(3))?.[status ?? -1]]).toEqual(["", ""]);

  const before = await tableRows(ctx, "access_logs");
  expect(await runCleanup(ctx, jobRun(cleanupParams()))).toMatchObject({ deleted_count: 4, archived_count: 4 });
  const [archive] = await ctx.db.sql<{ id: string }[]>`select id from archives`;
  await runRestore(ctx, jobRun({ archive_id: archive?.id ?? "" }));
  expect(await tableRows(ctx, "access_logs")).toEqual(before);
});

function exportRun(params: { export_type: "access_logs" | "statistics"; format: "csv" | "excel" }) {
  return jobRun({ filters: {}, compress: "none" as const, bom: false, ...params });
}
