import ExcelJS from "exceljs";
import { expect, it } from "vitest";
import { csvCells, exportedAnswer } from "./export-rows";
import { DEFAULT_QUESTION } from "./state";
import type { ExploreAnswer } from "./types";
import { workbookOf } from "./workbook";

const FORMULA = '=HYPERLINK("http://evil.test","x")';
const answer: ExploreAnswer = {
  columns: [
    { name: "time", type: "time", role: "time" },
    { name: "user_id", type: "text", role: "group" },
    { name: "count", type: "number", role: "measure" },
    { name: "error_rate", type: "share", role: "measure" },
    { name: "max(created_at)", type: "time", role: "measure" },
  ],
  rows: [
    ["2026-11-28T16:00:00.000000Z", FORMULA, 12_345, 0.25, "2026-11-29T15:59:59.999999Z"],
    ["2026-11-28T16:00:00.000000Z", null, 1, null, null],
  ],
  others: [3, 0, null],
  others_by_time: [["2026-11-28T16:00:00.000000Z", 3, 0, null]],
  totals: [12_349, 0.2, "2026-11-29T15:59:59.999999Z"],
  group_count: 5,
  start: "2026-11-28T16:00:00.000000Z",
  end: "2026-11-29T16:00:00.000000Z",
  before_start: null,
  interval: "1d",
  as_of: "2026-11-30T00:00:00.000000Z",
  is_exact: true,
  is_cached: false,
  rows_matched: 12_349,
  duration_ms: 1,
};
const exported = exportedAnswer({ ...DEFAULT_QUESTION, groups: ["user_id"], interval: "1d" }, answer, {
  others: "Others",
  total: "Total",
});

it("saves an answer as an Excel file whose numbers are numbers, whose times are local dates, and whose texts are texts", async () => {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(await workbookOf(exported, { title: "access_logs", timeZone: "Asia/Shanghai" }));
  const sheet = book.getWorksheet("access_logs");
  const cells = [1, 2, 3, 4, 5].map((row) =>
    [1, 2, 3, 4, 5].map((column) => sheet?.getCell(row, column).value ?? null),
  );
  const [day, last] = [new Date("2026-11-29T00:00:00Z"), new Date("2026-11-29T23:59:59Z")];
  expect(cells).toEqual([
    ["time", "user_id", "count", "error_rate", "max(created_at)"],
    [day, FORMULA, 12_345, 0.25, last],
    [day, null, 1, null, null],
    [day, "Others", 3, 0, null],
    ["Total", null, 12_349, 0.2, last],
  ]);
  expect(sheet?.getCell(2, 2).type).toBe(ExcelJS.ValueType.String);
  expect(sheet?.getCell(2, 1).numFmt).toBe("yyyy-mm-dd hh:mm:ss");
});

it("saves the same cells as CSV, with an apostrophe before what a spreadsheet would run", () => {
  expect(csvCells(exported, "Asia/Shanghai").slice(1)).toEqual([
    ["2026-11-29 00:00:00", `'${FORMULA}`, 12_345, 0.25, "2026-11-29 23:59:59"],
    ["2026-11-29 00:00:00", null, 1, null, null],
    ["2026-11-29 00:00:00", "Others", 3, 0, null],
    ["Total", null, 12_349, 0.2, "2026-11-29 23:59:59"],
  ]);
});
