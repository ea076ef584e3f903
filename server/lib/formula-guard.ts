/**
 * Text that a spreadsheet would interpret as a formula, because it starts with one of = + - @, tab or CR, is prefixed
 * with an apostrophe in CSV files. Text that starts with apostrophes followed by one of these is prefixed too, so that
 * removing one apostrophe always restores the original. server/services/exports/formats/csv.ts implements the same rule in
 * SQL.
 */
const GUARDED = /^'+[=+\-@\t\r]/;

/** Returns whether a CSV cell starts with an apostrophe that was added as a prefix. */
export function isGuarded(cell: string): boolean {
  return GUARDED.test(cell);
}
