/** PostgreSQL text of every column, in the catalog's order; null for no value. */
export type Row = (string | null)[];

/** The index of the key, the first column of every log table. Other columns are read by name or in order. */
export const ID = 0;
export const CREATED_AT = 1;
