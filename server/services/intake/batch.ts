import type { LogTableName } from "@/server/catalog";
import type { Instant } from "@/server/lib/time";

/** An event on its way to becoming a row. */
export interface IncomingEvent {
  /** The parsed event; anything at all, it comes from outside. */
  readonly event: unknown;
  /** The original text, for the dead letter. A function where making it costs. */
  readonly raw: string | (() => string);
  /**
   * The row's id where the event brings none. A function (called at most once, in order) derives it from the text,
   * so that the same event again gives the same; an event without a time takes it only where the file's own is known.
   */
  readonly fallbackId: string | (() => string);
  readonly line?: number;
  /** In place of the batch's receivedAt. */
  readonly receivedAt?: Instant;
  /** In place of the batch's importId. */
  readonly importId?: number;
}

/** What all events of one batch share. */
export interface BatchOrigin {
  /** ISO 8601 UTC with microseconds: the time of events that bring none. */
  readonly receivedAt: Instant;
  /** Whether receivedAt is the file's own time, the same when the file comes again. */
  readonly isFileTime?: boolean;
  /** Where they came from: a file's name, `queue`, `api`. */
  readonly source: string;
  readonly format: DeadLetterFormat;
  readonly csvHeader?: string;
  /** The import that the batch is a part of. */
  readonly importId?: number;
  /** By derived id, the id that version 0.1 gave the event; where the database may hold rows with such ids. */
  readonly plainIds?: ReadonlyMap<string, string>;
}

export type DeadLetterFormat = "json" | "log_line" | "csv";

/** PostgreSQL text of every column, in the catalog's order; null for no value. */
export type Row = (string | null)[];

export interface DeadLetterDraft {
  readonly id: string;
  /** The id that version 0.1 gave it, where the database may hold such ones. */
  readonly plainId?: string;
  readonly payload: string;
  readonly format: DeadLetterFormat;
  readonly csvHeader: string | null;
  /** `field: reason`, without the value. */
  readonly error: string;
  readonly source: string;
  readonly line: number | null;
  readonly importId: number | null;
}

/** A batch after validation: every event is either a row or a dead letter. */
export interface PreparedBatch {
  readonly table: LogTableName;
  readonly rows: Row[];
  /** Of each row, the event that it came from. */
  readonly events: IncomingEvent[];
  readonly origin: BatchOrigin;
  /** Indexes into rows whose event had an id but no time. */
  readonly undated: number[];
  readonly dead: DeadLetterDraft[];
}

export interface LineProblem {
  readonly line: number | null;
  readonly message: string;
}

/** received = inserted + duplicates + rejected. `errors` holds the first 100. */
export interface IntakeResult {
  readonly received: number;
  readonly inserted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly errors: LineProblem[];
}

/** What storing a batch came to. */
export interface StoredBatch extends IntakeResult {
  /** Whether it was of an import that has been undone: then nothing of it is there any more. */
  readonly isUndone: boolean;
}

/** Of a file or request: received = queued + inserted + duplicates + rejected. */
export interface IngestResult extends IntakeResult {
  /** Null of a few events that were sent as one JSON document. */
  readonly import_id: number | null;
  /** Failed: no record became a row, or was one already, or waits in the queue. */
  readonly status: "completed" | "failed";
  readonly queued: number;
}

export const MAX_REPORTED_ERRORS = 100;
