import type { BrowsedTable } from "./types";

/**
 * Fields that filters compute from a column. Each is one expression, from which the SQL of PostgreSQL and of DuckDB is
 * made (server/db/derived-value.ts). Patterns use only what both read alike: no look-around, no classes such
 * as \d, no case folding, and every text has at most one way to match.
 */

/** A text computed from the column; without a value, if the column has none. */
export type DerivedText =
  | { readonly kind: "column" }
  /** The first digit of an integer of up to three digits. */
  | { readonly kind: "hundreds" }
  /** The texts one after another. */
  | { readonly kind: "joined"; readonly parts: readonly (DerivedText | string)[] }
  /** The text before the first `sign`, or the whole text. */
  | { readonly kind: "before"; readonly of: DerivedText; readonly sign: string }
  | { readonly kind: "replaced"; readonly of: DerivedText; readonly text: string; readonly by: string }
  /** Every match of a pattern is replaced; `\1` is the text of its group. */
  | { readonly kind: "substituted"; readonly of: DerivedText; readonly pattern: string; readonly by: string }
  /** The text of the pattern's group; no value if the pattern does not match. */
  | { readonly kind: "extracted"; readonly of: DerivedText; readonly pattern: string }
  /** With ASCII letters in lower case. */
  | { readonly kind: "lower"; readonly of: DerivedText }
  /**
   * `true` if another column has a value, or if the text contains a mark or matches the pattern; otherwise `false`. No
   * value if the text has none and the column has not the value.
   */
  | {
      readonly kind: "flagged";
      readonly column: string;
      readonly value: string;
      readonly of: DerivedText;
      readonly mark: string;
      readonly lowerPattern: string;
    };

interface DerivedField {
  /** The column from which it is computed. */
  readonly column: string;
  /** Another column that the value reads. */
  readonly alsoReads?: string;
  /** Segments contain it, because computing it takes long: a change needs a new SEGMENT_LAYOUT. */
  readonly value: DerivedText;
}

const COLUMN = { kind: "column" } as const satisfies DerivedText;

/** The segments of a path that vary: numbers, dates and times, UUIDs, long hexadecimal numbers, tokens with 3 digits. */
const VARIABLE_SEGMENTS = [
  "[0-9]+(?:[-._:+T][0-9]+)*Z?",
  "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
  "[0-9A-Fa-f]{16,}",
  "(?:[A-Za-z_~=-]*[0-9]){3,}[A-Za-z_~=-]*",
];
const EXTENSION = "\\.[A-Za-z][0-9A-Za-z]{0,4}";

/** A variable segment in `route`. */
export const ROUTE_PLACEHOLDER = ":id";

const path: DerivedText = { kind: "before", of: { kind: "before", of: COLUMN, sign: "?" }, sign: "#" };

/** Slashes are doubled, so that each segment has its own two and matches do not overlap. */
const route: DerivedText = {
  kind: "replaced",
  text: "//",
  by: "/",
  of: {
    kind: "substituted",
    pattern: "^/|/$",
    by: "",
    of: {
      kind: "substituted",
      of: { kind: "joined", parts: ["/", { kind: "replaced", of: path, text: "/", by: "//" }, "/"] },
      pattern: `/(?:${VARIABLE_SEGMENTS.join("|")})(${EXTENSION})?/`,
      by: `/${ROUTE_PLACEHOLDER}\\1/`,
    },
  },
};

const host: DerivedText = {
  kind: "lower",
  of: {
    kind: "extracted",
    of: COLUMN,
    pattern: "^[A-Za-z][0-9A-Za-z+.-]*://(?:[^/?#]*@)?(\\[[0-9A-Fa-f:.]+\\]|[^\\]\\[/?#:@]+)(?::[0-9]*)?(?:[/?#]|$)",
  },
};

/** The `device_type` of programs and crawlers, which the intake derives from user agents by a longer list. */
export const BOT_DEVICE = "bot";

/** Programs and crawlers give the address of their documentation, browsers none. */
export const BOT_MARK = "://";

/** Texts in user agents of programs and crawlers, in lower case. */
export const BOT_PATTERN = [
  "bot(?:[^0-9a-z_]|$)",
  ...["crawl", "spider", "slurp", "scrapy", "scanner", "monitor", "headless", "lighthouse", "phantomjs"],
  ...["facebookexternalhit", "bingpreview", "curl/", "wget/", "python-", "java/", "go-http", "okhttp", "httpclient"],
  ...["libwww", "axios/", "node-fetch", "postmanruntime"],
].join("|");

const DERIVED_FIELDS = {
  route: { column: "request_path", value: route },
  referer_host: {
    column: "referer",
    value: { kind: "substituted", of: host, pattern: "^www\\.([^.]+\\.[^/]+)$", by: "\\1" },
  },
  status_class: { column: "status_code", value: { kind: "joined", parts: [{ kind: "hundreds" }, "xx"] } },
  is_bot: {
    column: "user_agent",
    alsoReads: "device_type",
    value: {
      kind: "flagged",
      column: "device_type",
      value: BOT_DEVICE,
      of: COLUMN,
      mark: BOT_MARK,
      lowerPattern: BOT_PATTERN,
    },
  },
} as const satisfies Record<string, DerivedField>;

export type DerivedFieldName = keyof typeof DERIVED_FIELDS;

export type NamedDerivedField = DerivedField & { readonly name: DerivedFieldName };

const DERIVED_FIELD_NAMES = Object.keys(DERIVED_FIELDS) as DerivedFieldName[];

/** Returns the derived field of this name; undefined if the table has a column of this name, or not its sources. */
export function derivedField(table: Pick<BrowsedTable, "columns">, name: string): NamedDerivedField | undefined {
  const known = DERIVED_FIELD_NAMES.find((field) => field === name);
  const has = (column: string) => table.columns.some((candidate) => candidate.name === column);
  if (!known || has(name)) return undefined;
  const field: DerivedField = DERIVED_FIELDS[known];
  return [field.column, field.alsoReads ?? field.column].every(has) ? { name: known, ...field } : undefined;
}

/** The names of the table's derived fields, in the order of segments. */
export function derivedFieldsOf(table: Pick<BrowsedTable, "columns">): DerivedFieldName[] {
  return DERIVED_FIELD_NAMES.filter((name) => derivedField(table, name));
}

/** The column that a field of a filter reads: its own, or that of a derived field. */
export function sourceColumnOf(name: string): string {
  const known = DERIVED_FIELD_NAMES.find((field) => field === name);
  return known ? DERIVED_FIELDS[known].column : name;
}
