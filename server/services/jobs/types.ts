import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { Fence } from "./fence";
import type { JobKind, JobParams } from "./kinds";

export const JOB_STATUSES = ["queued", "running", "completed", "failed", "cancelled"] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];

export interface JobProgress {
  /** Rows so far. */
  readonly done: number;
  /** Rows in all; null while nobody knows. */
  readonly total: number | null;
  readonly unit: "rows";
  /** What it is at, a word of the kind's own: `reading`, `archiving`. */
  readonly phase: string;
}

/** What the work of a job has at hand. */
export interface JobRun<Params> {
  /** The job's id: the same at every attempt, so that the work can name its files by it. */
  readonly id: string;
  /**
   * The run's id in `jobs`, a new one for each attempt: work that changes data checks it in each transaction, so that a
   * process that lost its run changes nothing. None for work outside a job, as by the command line.
   */
  readonly runId?: string;
  readonly params: Params;
  /** Who asked, as shown to people. */
  readonly requestedBy: string;
  /** From 1; above it, an earlier attempt ended in the middle: begin anew and remove what it left. */
  readonly attempt: number;
  /** Aborts when the job is cancelled, its time is over or this process is to end: stop, clean up, throw. */
  readonly signal: AbortSignal;
  /** To be asked in every transaction that commits an effect: the job may have been taken over meanwhile. */
  readonly fence: Fence;
  /** Tells how far the work is. May be called for each row: what goes to PostgreSQL is a few a second. */
  progress(progress: JobProgress): void;
}

export type JobResult = Readonly<Record<string, unknown>>;

/**
 * What does the work of each kind. The process may die between the end of the work and the record of it, so
 * the same work may come again under the same id: it must then lead to the same end.
 */
export type JobHandlers = {
  readonly [K in JobKind]: (ctx: Context, run: JobRun<JobParams<K>>) => Promise<JobResult>;
};

/**
 * Thrown by work that ends early and has done a part worth telling of: when its signal aborts, or for the error that
 * is its cause.
 */
export class JobStopped extends Error {
  override name = "JobStopped";
  constructor(
    readonly result: JobResult,
    options?: { cause: unknown },
  ) {
    super("stopped before the end", options);
  }
}

/** A job as the contract shows it. */
export interface Job {
  readonly job_id: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  readonly progress: JobProgress;
  readonly requested_by: string;
  readonly created_at: Instant;
  readonly started_at: Instant | null;
  readonly finished_at: Instant | null;
  readonly duration_ms: number | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: JobResult | null;
  /** For people: why it failed or was cancelled. */
  readonly error: string | null;
}
