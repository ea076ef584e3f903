import type ExcelJS from "exceljs";
import { cellValue } from "@/server/lib/cell-text";
import { formatTime } from "../ui/time";
import type { ExportedAnswer } from "./export-rows";
import type { ExploreValue } from "./types";

const FORMATS: Readonly<Record<string, string>> = { time: "yyyy-mm-dd hh:mm:ss", share: "0.00%" };
const WIDTHS = { min: 8, max: 60 };

/**
 * Returns an answer as an Excel file. Texts are text cells, which a spreadsheet never runs as formulas, numbers are
 * numbers, and times are dates in `timeZone`.
 */
export async function workbookOf(
  { columns, rows }: ExportedAnswer,
  { title, timeZone }: { readonly title: string; readonly timeZone: string },
): Promise<ArrayBuffer> {
  // It is large, so it is loaded when a file is saved.
  const { Workbook } = (await import("exceljs")).default;
  const book = new Workbook();
  const sheet = book.addWorksheet(title, { views: [{ state: "frozen", ySplit: 1 }] });
  const cells = rows.map((row) => row.map((value, index) => cellOf(value, columns[index]?.type, timeZone)));
  sheet.columns = columns.map(({ name, type }, index) => ({
    header: name,
    width: widthOf([name, ...cells.map((row) => row[index])]),
    style: { numFmt: FORMATS[type] },
  }));
  sheet.getRow(1).font = { bold: true };
  sheet.addRows(cells);
  sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: rows.length + 1, column: columns.length } };
  return await book.xlsx.writeBuffer();
}

function cellOf(value: ExploreValue, type: string | undefined, timeZone: string): ExcelJS.CellValue {
  if (typeof value !== "string") return value;
  if (type === "time") {
    // Cells have local times; exceljs writes the UTC parts of a date.
    const time = Date.parse(`${formatTime(value, timeZone).replace(" ", "T")}Z`);
    if (!Number.isNaN(time)) return new Date(time);
  }
  return cellValue(value);
}

function widthOf(values: readonly ExcelJS.CellValue[]): number {
  const longest = Math.max(...values.map((value) => (value instanceof Date ? 18 : String(value ?? "").length)));
  return Math.min(WIDTHS.max, Math.max(WIDTHS.min, longest + 2));
}
