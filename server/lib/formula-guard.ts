/**
 * In CSV files of this product a text that a spreadsheet would run as a formula, because it begins with one of = + - @,
 * tab or CR, stands behind an apostrophe. So does one that begins with apostrophes before one of these, so that taking
 * one apostrophe off again never takes a real one. server/services/exports/columns.ts has the same rule in SQL.
 */
const GUARDED = /^'+[=+\-@\t\r]/;

/** Whether a cell of such a file begins with an apostrophe that is not of its text. */
export function isGuarded(cell: string): boolean {
  return GUARDED.test(cell);
}
