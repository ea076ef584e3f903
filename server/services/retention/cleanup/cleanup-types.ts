import type { LogTableName } from "@/server/catalog";
import type { Partition } from "@/server/db/partitions";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { JobParams, JobRun } from "@/server/services/jobs";
import type { CleanupStep, Maintenance } from "@/server/services/tables";
import type { Expiry } from "./expiry";
import type { TablePreview } from "./policies";

export type CleanupParams = JobParams<"cleanup">;

/** The contract's result of a cleanup, and what it adds. */
export interface CleanupResult {
  readonly task_type: CleanupParams["task_type"];
  readonly days_to_keep: number;
  /** What is older goes. */
  readonly cutoff: Instant;
  readonly dry_run: boolean;
  readonly matched_count: number;
  readonly deleted_count: number;
  readonly partitions_dropped: number;
  readonly archived_count: number;
  /** Relative to the data folder. */
  readonly archive_files: readonly string[];
  /** Given back to the disk. */
  readonly freed_bytes: number;
  /** About as much PostgreSQL keeps and fills with new rows once the table was vacuumed. */
  readonly reusable_bytes: number;
  /** Of a dry run: what would go and stay. */
  readonly preview?: TablePreview;
}

/** How long and how hard a cleanup tries; tests are less patient. */
export interface CleanupOptions {
  /** Milliseconds for which a month that is in use is waited for, before it is emptied in batches instead. */
  readonly dropPatience?: number;
  readonly onStep?: (step: CleanupStep) => void | Promise<void>;
}

/** A cleanup of one log table under way. */
export interface Cleaning {
  readonly ctx: Context;
  readonly table: LogTableName;
  readonly maintenance: Maintenance;
  readonly job: JobRun<CleanupParams>;
  readonly expiry: Expiry;
  readonly dropPatience: number;
  readonly step: (step: CleanupStep) => Promise<void>;
  /** Adds rows that are gone to the progress. */
  readonly advance: (rows: number) => void;
  /** Adds rows that are in an archive to the progress. */
  readonly archived: (rows: number) => void;
  readonly phase: (name: CleanupPhase) => void;
}

export type CleanupPhase = "counting" | "archiving" | "deleting";

/** A partition that holds rows to clear. */
export interface Clearing {
  readonly partition: Partition;
  /** Whether all that it can hold has expired, so that it may go as a whole. */
  readonly isWhole: boolean;
}
