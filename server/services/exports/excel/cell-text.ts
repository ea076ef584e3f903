import type ExcelJS from "exceljs";

/** UTF-16 units, Excel's limit for a cell. */
const MAX_CELL_UNITS = 32_767;
const CUT_MARK = " …[cut]";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const SUSPICIOUS = /[\x00-\x1f\x7f\ufffe\uffff]|_x/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
/** Also where the closing `_` is only written for the character behind it. */
const LOOKS_ESCAPED = /_(?=x[0-9A-Fa-f]{4}[_\r\x7f])/g;
/** Spaces at the ends and escapes, which readers keep and read in an inline text only; it takes more room. */
const NEEDS_INLINE = /^\s|\s$|\n|_x[0-9A-F]{4}_/;

/**
 * A text as a cell of SpreadsheetML can hold it: cut with a mark at 32,767 units, what XML forbids as U+FFFD, and
 * what a reader would take for an escape, or lose, as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19).
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

/** Nearly all texts, seen by one look at each character: a workbook is written as fast as its texts are checked. */
function isOrdinary(text: string): boolean {
  return isGraphic(text.charCodeAt(0)) && isGraphic(text.charCodeAt(text.length - 1)) && !SUSPICIOUS.test(text);
}

/** Of ASCII, and neither space nor control character. */
function isGraphic(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f;
}

function cut(text: string): string {
  const kept = text.slice(0, MAX_CELL_UNITS - CUT_MARK.length);
  return (kept.isWellFormed() ? kept : kept.slice(0, -1)) + CUT_MARK;
}
