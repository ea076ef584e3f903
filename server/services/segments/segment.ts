import type { LogTableName } from "@/server/catalog";
import type { Instant } from "@/server/lib/time";

/** A Parquet file with the rows that a log table had in a range of hours, sorted by time and ID. */
export interface Segment {
  readonly id: string;
  readonly table: LogTableName;
  /** The ID of its file store. */
  readonly store: string;
  /** The file's key in its store. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** A range of time; `to` is exclusive. */
export interface TimeRange {
  readonly from: Instant;
  readonly to: Instant;
}
