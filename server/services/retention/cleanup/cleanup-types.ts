import type { LogTableName } from "@/server/catalog";
import type { Partition } from "@/server/db/partitions";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { JobParams, JobRun } from "@/server/services/jobs";
import type { CleanupStep, Maintenance } from "@/server/services/tables";
import type { Expiry } from "./expiry";
import type { TablePreview } from "./policies";

export type CleanupParams = JobParams<"cleanup">;

/** The result of a cleanup as defined by the contract, with additional fields. */
export interface CleanupResult {
  readonly task_type: CleanupParams["task_type"];
  readonly days_to_keep: number;
  /** Older rows are deleted. */
  readonly cutoff: Instant;
  readonly dry_run: boolean;
  readonly matched_count: number;
  readonly deleted_count: number;
  readonly partitions_dropped: number;
  readonly archived_count: number;
  /** Relative to the data folder. */
  readonly archive_files: readonly string[];
  /** Returned to the operating system. */
  readonly freed_bytes: number;
  /** Estimated space that PostgreSQL reuses for new rows after a vacuum. */
  readonly reusable_bytes: number;
  /** For a dry run: rows to delete and to keep. */
  readonly preview?: TablePreview;
}

/** Timeouts and hooks of a cleanup; tests use shorter ones. */
export interface CleanupOptions {
  /** Milliseconds to wait for a partition that is in use, before it is emptied in batches instead. */
  readonly dropTimeout?: number;
  readonly onStep?: (step: CleanupStep) => void | Promise<void>;
}

/** A running cleanup of one log table. */
export interface Cleaning {
  readonly ctx: Context;
  readonly table: LogTableName;
  readonly maintenance: Maintenance;
  readonly job: JobRun<CleanupParams>;
  readonly expiry: Expiry;
  readonly dropTimeout: number;
  readonly step: (step: CleanupStep) => Promise<void>;
  /** Adds deleted rows to the progress. */
  readonly advance: (rows: number) => void;
  /** Adds archived rows to the progress. */
  readonly archived: (rows: number) => void;
  readonly phase: (name: CleanupPhase) => void;
}

export type CleanupPhase = "counting" | "archiving" | "deleting";

/** A partition with rows to delete. */
export interface Clearing {
  readonly partition: Partition;
  /** Whether its whole period has expired, so that it can be dropped. */
  readonly isWhole: boolean;
}
