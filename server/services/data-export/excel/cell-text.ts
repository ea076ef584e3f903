/** UTF-16 units, Excel's limit for a cell. */
const MOST_CELL_UNITS = 32_767;
const CUT_MARK = " …[cut]";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const SPECIAL = /[\x00-\x08\x0b-\x0d\x0e-\x1f\x7f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const LOOKS_ESCAPED = /_(?=x[0-9A-Fa-f]{4}_)/g;

/**
 * A text as a cell of SpreadsheetML can hold it: cut with a mark at 32,767 units, what XML forbids as U+FFFD, and
 * what a reader would take for an escape, or lose, as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19).
 */
export function cellText(text: string): string {
  const fitting = text.length > MOST_CELL_UNITS ? cut(text) : text;
  if (!SPECIAL.test(fitting)) return fitting;
  return fitting
    .replace(LOOKS_ESCAPED, "_x005F_")
    .replace(FORBIDDEN, "\uFFFD")
    .replaceAll("\r", "_x000D_")
    .replaceAll("\x7f", "_x007F_");
}

function cut(text: string): string {
  const kept = text.slice(0, MOST_CELL_UNITS - CUT_MARK.length);
  return (kept.isWellFormed() ? kept : kept.slice(0, -1)) + CUT_MARK;
}
