import type { Instant } from "@/server/time";
import type { JobKind } from "./kinds";

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
  readonly params: Params;
  /** Who asked, as shown to people. */
  readonly requestedBy: string;
  /** From 1; above it, an earlier attempt ended in the middle: begin anew and remove what it left. */
  readonly attempt: number;
  /** Aborts when the job is cancelled, its time is over or this process is to end: stop, clean up, throw. */
  readonly signal: AbortSignal;
  /** Tells how far the work is. May be called for each row: what goes to PostgreSQL is a few a second. */
  progress(progress: JobProgress): void;
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
  readonly result: Readonly<Record<string, unknown>> | null;
  /** For people: why it failed or was cancelled. */
  readonly error: string | null;
}
