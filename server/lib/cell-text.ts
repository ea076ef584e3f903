import type ExcelJS from "exceljs";

/** Excel's limit for a cell, in UTF-16 units. */
const MAX_CELL_UNITS = 32_767;
const CUT_MARK = " …[cut]";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const SUSPICIOUS = /[\x00-\x1f\x7f\ufffe\uffff]|_x/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
/** Includes text whose closing `_` is only written because of the next character. */
const LOOKS_ESCAPED = /_(?=x[0-9A-Fa-f]{4}[_\r\x7f])/g;
/** Spaces at the ends and escapes, which readers preserve only in inline text; inline text is larger. */
const NEEDS_INLINE = /^\s|\s$|\n|_x[0-9A-F]{4}_/;

/**
 * Encodes a text for a SpreadsheetML cell: truncated with a mark at 32,767 units, characters that XML forbids as
 * U+FFFD, and text that looks like an escape, or would be lost, as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19).
 */
export function cellValue(text: string): ExcelJS.CellValue {
  const fitting = text.length > MAX_CELL_UNITS ? cut(text) : text;
  if (isOrdinary(fitting)) return fitting;
  const escaped = fitting
    .replace(LOOKS_ESCAPED, "_x005F_")
    .replace(FORBIDDEN, "\uFFFD")
    .replaceAll("\r", "_x000D_")
    .replaceAll("\x7f", "_x007F_");
  return NEEDS_INLINE.test(escaped) ? { richText: [{ text: escaped }] } : escaped;
}

/**
 * Fast path for nearly all texts, with one check per character, because checking dominates the time to write a
 * workbook.
 */
function isOrdinary(text: string): boolean {
  return isGraphic(text.charCodeAt(0)) && isGraphic(text.charCodeAt(text.length - 1)) && !SUSPICIOUS.test(text);
}

/** Printable ASCII except space. */
function isGraphic(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f;
}

function cut(text: string): string {
  const truncated = text.slice(0, MAX_CELL_UNITS - CUT_MARK.length);
  return (truncated.isWellFormed() ? truncated : truncated.slice(0, -1)) + CUT_MARK;
}
