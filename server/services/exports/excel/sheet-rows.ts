/** Limit of the Excel format, including the header. */
export const MAX_SHEET_ROWS = 1_048_576;
