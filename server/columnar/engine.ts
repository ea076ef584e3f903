import type { SQL } from "drizzle-orm";
import type { Dialect } from "./dialect";

/**
 * A value of a result: times as Instants, UUIDs and BLOBs (in hexadecimal) as text, whole numbers of any width as
 * numbers, JSON and other text unchanged, lists as arrays.
 */
export type ColumnarValue = string | number | boolean | null | readonly ColumnarValue[];
export type ColumnarRow = Readonly<Record<string, ColumnarValue>>;

export interface ColumnarOptions {
  /** Cancels the statement within a second. */
  readonly signal?: AbortSignal;
  /** The user on whose behalf it runs, as principalKey. Statements of different users take turns. */
  readonly user?: string;
}

/** Runs statements over columns, with values as parameters. */
export type QueryEngine = Pick<ColumnarEngine, "dialect" | "query" | "stream">;

/** A server that reads the segments in the object store, instead of copies of them on this machine. */
export interface RemoteEngine extends QueryEngine {
  /** Checks that it can be used. @throws AppError columnar.server_*, with the cause */
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs statements in DuckDB's dialect over local Parquet files, in a process of its own with limited memory, threads
 * and temporary space. The process starts with the first statement. Statements are built by this program with values as
 * parameters; they can read and write files only in the folders that the engine was opened with.
 */
export interface ColumnarEngine {
  /** The form of statements that it runs. */
  readonly dialect: Dialect;
  /**
   * Returns all rows of a statement.
   * @throws AppError columnar.*, the signal's reason
   */
  query(statement: SQL, options?: ColumnarOptions): Promise<ColumnarRow[]>;
  /** Returns the rows in blocks as they are produced, and cancels the statement when the consumer stops. @throws see query */
  stream(statement: SQL, options?: ColumnarOptions): AsyncIterable<ColumnarRow[]>;
  /**
   * Waits until a user may read from columns, before the read occupies a connection to PostgreSQL. Users take turns.
   * @returns ends the turn
   * @throws the signal's reason
   */
  takeRead(options?: ColumnarOptions): Promise<() => void>;
  /**
   * Returns a new folder for temporary files of one task. EXPLORE_TEMPORARY_SPACE does not limit them: the caller
   * checks the free space, and removes the folder. What a dead process left is removed when the next one starts.
   */
  makeFolder(): Promise<string>;
  /** The same engine with statements of the system, which no request ends. */
  readonly system: ColumnarEngine;
  /** The server of EXPLORE_URL, which runs queries of segments. */
  readonly remote?: RemoteEngine;
  /** Aborts when the user of its statements no longer waits. */
  readonly signal?: AbortSignal;
  /** Stops the process. */
  close(): Promise<void>;
}
