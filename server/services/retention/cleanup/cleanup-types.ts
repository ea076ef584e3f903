import type { LogTableName } from "@/server/catalog";
import type { Partition } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import type { JobRun } from "@/server/services/jobs";
import type { CleanupStep, Maintenance } from "@/server/services/tables";
import type { CleanupParams } from "../contract";
import type { Expiry } from "./expiry";

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
