import type { LogTableName } from "@/server/catalog";
import type { Instant } from "@/server/lib/time";

/** A complete file in a file store, as recorded. */
export interface RecordedFile {
  /** The ID of its file store; null: a disk, in version 0.1. */
  readonly store: string | null;
  /** The file's key in its store. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** A Parquet file with the rows that a log table had in a range of hours, sorted by time and ID. */
export interface Segment extends RecordedFile {
  readonly id: string;
  readonly table: LogTableName;
  readonly store: string;
}

/** A range of time; `to` is exclusive. */
export interface TimeRange {
  readonly from: Instant;
  readonly to: Instant;
}
