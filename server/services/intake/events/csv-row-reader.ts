import type { LogTable } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { type CsvCell, parseCsvCells } from "@/server/catalog/formats/csv-cells";
import { delimiterOf, missingColumns, readSeparator } from "@/server/catalog/formats/csv-header";
import { AppError, fieldError } from "@/server/lib/errors";
import { exportedRowOf, isExportHeader } from "./exported-row";

/** The header is stored once per intake, and its names are iterated for every row. */
const MAX_HEADER_CHARACTERS = 64 * 1024;
const MAX_COLUMNS = 1_000;

/** Parses the text of one row, which can span several lines. */
export type CsvRowReader = (text: string) => { readonly event: object } | { readonly error: ErrorValue };

/**
 * Creates a parser for rows under a header.
 * @param csvHeader the header row, without Excel's line `sep=;`
 * @param mapped columns that a mapping provides
 * @throws AppError UNPROCESSABLE when the header lacks a required column or is too long
 */
export function makeCsvRowReader(csvHeader: string, table: LogTable, mapped: readonly string[] = []): CsvRowReader {
  const { delimiter, names } = readHeader(csvHeader, table, mapped);
  const toEvent = isExportHeader(names, table)
    ? (cells: readonly CsvCell[]) => exportedRowOf(table, cells)
    : (cells: readonly CsvCell[]) => fieldsOf(names, cells);
  return (text) => {
    const cells = parseCsvCells(text, delimiter);
    if (cells === undefined) return { error: errorValue("event.unmatched_quotes", { field: "row" }) };
    if (cells.length !== names.length) {
      const code = cells.length > names.length ? "event.more_cells" : "event.fewer_cells";
      return { error: errorValue(code, { field: "row" }) };
    }
    return { event: toEvent(cells) };
  };
}

function fieldsOf(names: readonly string[], cells: readonly CsvCell[]): Record<string, string> {
  const event: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const cell = cells[index];
    if (cell) event[name] = cell;
  }
  return event;
}

function readHeader(
  csvHeader: string,
  table: LogTable,
  mapped: readonly string[],
): { delimiter: string; names: string[] } {
  if (csvHeader.length > MAX_HEADER_CHARACTERS) {
    throw new AppError("intake.csv_header_too_long", { max: MAX_HEADER_CHARACTERS / 1024 });
  }
  const lineEnd = csvHeader.indexOf("\n");
  const separator = readSeparator(lineEnd === -1 ? csvHeader : csvHeader.slice(0, lineEnd));
  const text = separator === undefined ? csvHeader : csvHeader.slice(lineEnd + 1);
  const delimiter = separator ?? delimiterOf(text.split("\n", 1)[0] ?? "");
  const names = text === "" ? [] : (parseCsvCells(text, delimiter) ?? []).map((name) => name?.trim() ?? "");
  if (names.length > MAX_COLUMNS) throw new AppError("intake.csv_header_columns", { max: MAX_COLUMNS });
  const missing = missingColumns(names, table).filter((name) => !mapped.includes(name));
  if (missing.length > 0) {
    const errors = missing.map((path) => fieldError(path, "input.csv_header", {}));
    throw new AppError("intake.csv_header_missing", { names: missing.join(", ") }, { errors });
  }
  if (names.includes("") || names.includes("__proto__")) throw new AppError("intake.csv_header_unnamed", {});
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new AppError("intake.csv_header_repeated", { name: repeated });
  return { delimiter, names };
}
