/**
 * The definition of a table, used by inserts, pages, filters, REST and the interface. The compiler reports what a new
 * table lacks. Pure data: safe to import in the browser.
 */

export type ColumnType = "uuid" | "text" | "integer" | "inet" | "jsonb" | "timestamptz";

/**
 * How lists can be filtered by a column:
 * - `exact`: equal to the value
 * - `prefix`: equal, or starting with the value before a final `*`
 * - `network`: an IP address, or contained in a CIDR block
 * - `status`: `404`, a class such as `4xx`, or a comma-separated list of both
 * - `range`: two parameters, `min_<column>` and `max_<column>`, both inclusive
 */
export type FilterKind = "exact" | "prefix" | "network" | "status" | "range";

/** Kinds of codes in columns. Their labels are in messages/*.json below `codes`. */
export type CodeKind = "audit_action" | "audit_result" | "actor_kind";

export type DurationUnit = "s" | "ms" | "us" | "ns";

/** An alternative name of a column; for a duration, a name that implies its unit. */
export type Spelling = string | { readonly name: string; readonly unit: DurationUnit };

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Alternative names in events, most likely first. spellings.ts defines how names are compared. */
  readonly spellings?: readonly Spelling[];
  /** A duration, stored in milliseconds. */
  readonly isDuration?: boolean;
  /** A client IP address, parsed by readClientAddress. */
  readonly isAddress?: boolean;
  /** Events without a value are rejected. */
  readonly required?: boolean;
  /** Maximum length in characters; longer values are rejected. */
  readonly maxLength?: number;
  /** Inclusive bounds of an integer; other values are rejected. */
  readonly min?: number;
  readonly max?: number;
  readonly filter?: FilterKind;
  /** The column's values are codes of this kind, displayed with their labels. */
  readonly codes?: CodeKind;
  /**
   * The index for the filter: `values`, the table's inverted index for equality, or `order`, a B-tree on the column and
   * created_at for comparisons. server/db/values-index.ts contains the expressions.
   */
  readonly index?: "values" | "order";
  /**
   * Only this many leading characters are indexed, as left(column, n), because index entries are limited to about 2,700
   * bytes.
   */
  readonly indexedCharacters?: number;
  /** Ascending steps; the index contains the step of a number, so that a range is a list of steps. */
  readonly indexedSteps?: readonly number[];
  /** Personal data, which administrators can mask for viewers. */
  readonly personal?: boolean;
  /** Visible by default. */
  readonly shown?: boolean;
}

/** A table whose rows can be paged, filtered and opened. */
export interface BrowsedTable {
  /** The name in the API, in jobs and settings: `access_logs`. */
  readonly name: string;
  /** The name in PostgreSQL. */
  readonly tableName: string;
  /** The last part of the REST path and of the page's URL: `access-logs`. */
  readonly path: string;
  /** An example filter as typed by users: `status:4xx`. */
  readonly filterExample: string;
  /** In display order; `id` and `created_at` are first. */
  readonly columns: readonly Column[];
}

/** A table whose rows are events from producers; `extra` is its last column. */
export interface LogTable extends BrowsedTable {
  /** The Redis list to which producers LPUSH. The queue has the table's name. */
  readonly redisList: string;
  /** Columns derived from `user_agent` if the producer did not provide them. */
  readonly derivedFromUserAgent: readonly ("device_type" | "browser" | "os")[];
  /** Columns that geolocation derives from `ip_address` if the producer provided none of them. */
  readonly derivedFromAddress: readonly ("country" | "region" | "city")[];
  /** Whether web server log lines (Combined, Common, with virtual host) can be rows of this table. */
  readonly acceptsLogLines: boolean;
}
