/** Of Excel's format, the header included. */
export const MAX_SHEET_ROWS = 1_048_576;
