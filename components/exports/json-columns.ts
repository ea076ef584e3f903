const TYPES = ["number", "boolean", "text"] as const;

/** A member of a JSON column that becomes a column. */
export interface JsonColumn {
  /** As in filters: `details.amount`. */
  readonly field: string;
  /** Undefined: that of its values. */
  readonly type?: (typeof TYPES)[number] | undefined;
}

/** `all`: all that the rows have. */
export type JsonColumns = "all" | readonly JsonColumn[];

export const JSON_COLUMN_TYPES = TYPES;

/** Reads the value of a URL parameter, a list of fields or of fields and types; null for any other text. */
export function readJsonColumns(text: string | null): JsonColumns | null {
  if (text === null || text === "all") return text;
  try {
    const list: unknown = JSON.parse(text);
    const columns = Array.isArray(list) ? list.map(readJsonColumn) : [];
    return columns.length === 0 ? null : columns;
  } catch {
    return null;
  }
}

function readJsonColumn(item: unknown): JsonColumn {
  const [field, written] = Array.isArray(item) ? item : [item];
  const type = TYPES.find((known) => known === written);
  if (typeof field !== "string" || type !== written) throw new Error("no column");
  return { field, type };
}

export function writeJsonColumns(columns: JsonColumns | null): string | null {
  if (columns === null || columns === "all") return columns;
  return JSON.stringify(columns.map(({ field, type }) => (type === undefined ? field : [field, type])));
}
