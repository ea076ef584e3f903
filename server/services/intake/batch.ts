import type { LogTableName } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import type { Instant } from "@/server/lib/time";
import type { IntakeResult } from "./contract";
import type { Row } from "./row";
import type { RuleSet } from "./rules/rule-set";

export { CREATED_AT, ID, type Row } from "./row";

/** An incoming event before validation. */
export interface IncomingEvent {
  /** The parsed event, of any type, since it is external input. */
  readonly event: unknown;
  /** The original text, for the dead letter. A function where creating it is expensive. */
  readonly raw: string | (() => string);
  /**
   * The row's id for events without one. A function (called at most once, in order) derives it from the text, so that
   * the same event gets the same id again; an event without a time only if the file's own time is known.
   */
  readonly fallbackId: string | (() => string);
  readonly line?: number;
  /** Overrides the batch's receivedAt. */
  readonly receivedAt?: Instant;
  /** Overrides the batch's importId. */
  readonly importId?: number;
  /** Overrides the batch's csvHeader. */
  readonly csvHeader?: string;
}

/** Properties shared by all events of a batch. */
export interface BatchOrigin {
  /** ISO 8601 UTC with microseconds: the time of events without one. */
  readonly receivedAt: Instant;
  /** Whether receivedAt is the file's own time, which is the same when the file is imported again. */
  readonly isFileTime?: boolean;
  /** Whether events without a time get the time of their first delivery, as events with an id do. */
  readonly keepsFirstTime?: boolean;
  /** The source of the events: a file name, `queue`, `api`. */
  readonly source: string;
  readonly format: DeadLetterFormat;
  readonly csvHeader?: string;
  /** The expression of the mapping that the events are read with. */
  readonly mapping?: string;
  /** The import that the batch belongs to. */
  readonly importId?: number;
  /** The id that version 0.1 assigned, by derived id; defined when the database may contain such ids. */
  readonly plainIds?: ReadonlyMap<string, string>;
  /** The rules that the events pass before they are stored. */
  readonly rules: RuleSet;
}

export type DeadLetterFormat = "json" | "log_line" | "csv";

export interface DeadLetterDraft {
  readonly id: string;
  /** The id that version 0.1 assigned, when the database may contain such ids. */
  readonly plainId?: string;
  readonly payload: string;
  readonly format: DeadLetterFormat;
  readonly csvHeader: string | null;
  /** The expression of the mapping that reads the payload. */
  readonly mapping: string | null;
  /** Without the value, so that equal errors group. */
  readonly error: ErrorValue;
  readonly source: string;
  readonly line: number | null;
  readonly importId: number | null;
  /** Whose redactions are applied to the payload when it is written. */
  readonly rules: RuleSet;
}

/** An event that a rule dropped. */
export interface DroppedEvent {
  /** The id that its row would have. */
  readonly id: string;
  readonly rule: string;
  readonly line: number | null;
  readonly importId: number | null;
}

/** A validated batch: every event is a row or a dead letter, or was dropped by a rule. */
export interface PreparedBatch {
  readonly table: LogTableName;
  readonly rows: Row[];
  /** For each row, its event. */
  readonly events: IncomingEvent[];
  readonly origin: BatchOrigin;
  /** Indexes of rows whose event had an id but no time. */
  readonly undated: number[];
  readonly dead: DeadLetterDraft[];
  readonly dropped: DroppedEvent[];
}

/** The result of storing a batch. */
export interface StoredBatch extends IntakeResult {
  /** Whether its import has been undone, in which case no row of it remains. */
  readonly isUndone: boolean;
}

export const MAX_REPORTED_ERRORS = 100;
