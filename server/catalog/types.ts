/**
 * What a table of rows is, said once. Insert, pages, filters, REST and interface all read this; the
 * compiler names what a new table lacks. Pure data: safe to import in the browser.
 */

export type ColumnType = "uuid" | "text" | "integer" | "inet" | "jsonb" | "timestamptz";

/**
 * How a list can be narrowed by a column:
 * - `exact`: equal to the value
 * - `prefix`: equal, or starting with the value before a final `*`
 * - `network`: an address, or inside a CIDR block
 * - `status`: `404`, a class such as `4xx`, or a comma-separated list of both
 * - `range`: two parameters, `min_<column>` and `max_<column>`, both inclusive
 */
export type FilterKind = "exact" | "prefix" | "network" | "status" | "range";

/** Kinds of codes that stand in a column and have words in messages/*.json, below `codes`. */
export type CodeKind = "audit_action" | "audit_result" | "actor_kind";

export type DurationUnit = "s" | "ms" | "us" | "ns";

/** What producers call a column too; of a duration, a name that says its unit. */
export type Spelling = string | { readonly name: string; readonly unit: DurationUnit };

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Other names under which an event may bring it, the likeliest first; spellings.ts says how names are compared. */
  readonly spellings?: readonly Spelling[];
  /** A duration, which the column has in milliseconds. */
  readonly isDuration?: boolean;
  /** Says whose address it is: read as readClientAddress does. */
  readonly isAddress?: boolean;
  /** An event without a value for it is refused. */
  readonly required?: boolean;
  /** Characters; a longer value is refused. */
  readonly maxLength?: number;
  /** Bounds of an integer, inclusive; outside is refused. */
  readonly min?: number;
  readonly max?: number;
  readonly filter?: FilterKind;
  /** Its values are codes of that kind, which people read as words. */
  readonly codes?: CodeKind;
  /**
   * The index that serves the filter: `values`, the table's inverted index of equal values, or `order`, a B-tree of
   * the column and created_at for values that are compared. server/db/values-index.ts has the expressions.
   */
  readonly index?: "values" | "order";
  /** The index holds only so many first characters, as left(column, n): an index entry has some 2,700 bytes at most. */
  readonly indexedCharacters?: number;
  /** The index holds which step a number has reached, ascending, so that a range is a list of steps. */
  readonly indexedSteps?: readonly number[];
  /** Tells of a person: administrators may have it masked for viewers. */
  readonly personal?: boolean;
  /** Shown in the table before anybody chose columns. */
  readonly shown?: boolean;
}

/** A table that people page through, narrow and open rows of. */
export interface BrowsedTable {
  /** The name in the API, in jobs and settings: `access_logs`. */
  readonly name: string;
  /** The name in PostgreSQL. */
  readonly tableName: string;
  /** The last part of the REST path and of the page's address: `access-logs`. */
  readonly path: string;
  /** A filter as one types it, to show the form: `status:4xx`. */
  readonly filterExample: string;
  /** In the order of the table; `id` and `created_at` first. */
  readonly columns: readonly Column[];
}

/** One whose rows are events that programs send; `extra` is its last column. */
export interface LogTable extends BrowsedTable {
  /** The Redis list that producers LPUSH to; the queue has the table's name. */
  readonly redisList: string;
  /** Columns read out of `user_agent` where the producer gave none. */
  readonly derivedFromUserAgent: readonly ("device_type" | "browser" | "os")[];
  /** Whether web-server log lines (Combined, Common, vhost-prefixed) can be rows of it. */
  readonly acceptsLogLines: boolean;
}
