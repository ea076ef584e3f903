import { once } from "node:events";
import type { PassThrough } from "node:stream";
import ExcelJS from "exceljs";
import { cellValue } from "@/server/lib/cell-text";
import { COMPRESSION_LEVEL } from "@/server/lib/gzip";
import { type ColumnKind, type ExportColumn, headerOf } from "../columns";
import { backlogOf } from "./backlog";
import { type CellModel, PLAIN, typeOf, writeRow } from "./write-row";

type Cell = string | number | boolean | null;
/** A value for each column, by name, as returned by the SQL of the format. */
export type SheetRow = Readonly<Record<string, Cell>>;

export interface Sheet {
  readonly title: string;
  readonly columns: readonly ExportColumn[];
  readonly chunks: () => AsyncIterable<readonly SheetRow[]>;
}

type SheetWriter = ExcelJS.stream.xlsx.WorkbookWriter extends { addWorksheet(...args: never[]): infer W } ? W : never;

const TEXT_KINDS = new Set<ColumnKind>(["text", "json", "address", "uuid"]);
const FORMATS: Partial<Record<ColumnKind, Partial<ExcelJS.Style>>> = {
  time: { numFmt: "yyyy-mm-dd hh:mm:ss.000" },
  day: { numFmt: "yyyy-mm-dd" },
};
const FIXED_WIDTHS: Partial<Record<ColumnKind, number>> = { time: 24, day: 12 };
const WIDTHS = { min: 8, max: 60 };
/** Rows between backpressure checks: about the amount compressed at once, 64 KB. */
const ROWS_A_CHECK = 25;

/**
 * Streams a workbook: bold frozen header, auto-filter, widths based on the first rows. A full sheet is followed by
 * another with the same columns.
 * @param onRows called with the number of rows so far
 */
export async function writeWorkbook(
  output: PassThrough,
  sheets: readonly Sheet[],
  { onRows, sheetRows }: { onRows: (rows: number) => void; sheetRows: number },
): Promise<void> {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({
    stream: output,
    useStyles: true,
    // Inline strings: a shared string table would stay in memory until the end.
    useSharedStrings: false,
    zip: { zlib: { level: COMPRESSION_LEVEL } },
  });
  let total = 0;
  for (const { title, columns, chunks } of sheets) {
    const names = columns.map(({ name }) => name);
    const isText = columns.map((column) => TEXT_KINDS.has(column.kind));
    const isCode = columns.map(({ kind }) => kind === "code");
    const styles = columns.map(({ kind }) => FORMATS[kind] ?? PLAIN);
    let sheet: SheetWriter | undefined;
    let letters: string[] = [];
    let widths: number[] | undefined;
    let part = 0;
    let used = 0;

    const begin = () => {
      part++;
      sheet = book.addWorksheet(part === 1 ? title : `${title} ${part}`, { views: [{ state: "frozen", ySplit: 1 }] });
      sheet.columns = columns.map((_, index) => ({ width: widths?.[index] }));
      const header = sheet.getRow(1);
      header.values = columns.map((column) => cellValue(headerOf(column)));
      header.font = { bold: true };
      letters = columns.map((_, index) => header.getCell(index + 1).address.replace(/\d+$/, ""));
      header.commit();
      used = 1;
      return sheet;
    };
    const end = () => {
      if (!sheet) return;
      sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: used, column: columns.length } };
      sheet.commit();
      sheet = undefined;
    };

    for await (const rows of chunks()) {
      widths ??= widthsOf(columns, rows);
      for (const [index, row] of rows.entries()) {
        const target = sheet ?? begin();
        used++;
        const cells: CellModel[] = [];
        for (let at = 0; at < names.length; at++) {
          const given = row[names[at] ?? ""];
          if (given === null || given === undefined) continue;
          const value =
            isText[at] && typeof given === "string" ? cellValue(given) : isCode[at] ? codeValue(given) : given;
          cells.push({ address: `${letters[at]}${used}`, type: typeOf(value), value, style: styles[at] ?? PLAIN });
        }
        writeRow(target, used, columns.length, cells);
        if (index % ROWS_A_CHECK === 0 && sheet) await backlogOf(sheet, output);
        if (used >= sheetRows) end();
      }
      total += rows.length;
      onRows(total);
    }
    widths ??= widthsOf(columns, []);
    // A sheet without rows also has a header.
    if (part === 0) begin();
    end();
  }
  await book.commit();
  if (!output.writableFinished) await once(output, "finish");
}

/** Writes numbers as numbers, so that they can be filtered and summed, and labels as text. */
function codeValue(given: Cell): Cell {
  return typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
}

function widthsOf(columns: readonly ExportColumn[], rows: readonly SheetRow[]): number[] {
  return columns.map((column) => {
    const { name, kind } = column;
    const fixed = FIXED_WIDTHS[kind];
    if (fixed !== undefined) return fixed;
    let longest = displayWidth(headerOf(column)) + 3;
    for (const row of rows) longest = Math.max(longest, displayWidth(String(row[name] ?? "")));
    return Math.min(WIDTHS.max, Math.max(WIDTHS.min, longest + 2));
  });
}

/** Width in characters of a fixed-width font; Chinese characters count as two. */
function displayWidth(text: string): number {
  let width = 0;
  for (let at = 0; at < text.length && width < WIDTHS.max; at++) width += text.charCodeAt(at) >= 0x1100 ? 2 : 1;
  return width;
}
