import type { Context } from "@/server/process/context";
import type { Job, JobProgress } from "./contract";
import type { Fence } from "./fence";
import type { JobKind, JobParams } from "./kinds";

/** The context of a running job. */
export interface JobRun<Params> {
  /** The job's id, the same for every attempt, so that files can be named by it. */
  readonly id: string;
  /**
   * The run's id in `jobs`, new for each attempt. Handlers that change data check it in each transaction, so that a
   * process that lost its run changes nothing. Undefined outside jobs, as for the command line.
   */
  readonly runId?: string;
  readonly params: Params;
  /** The requester's display name. */
  readonly requestedBy: string;
  /** From 1; above 1, an earlier attempt was interrupted: restart and remove its leftovers. */
  readonly attempt: number;
  /** Aborts when the job is cancelled, its time limit is reached or this process stops: stop, clean up, throw. */
  readonly signal: AbortSignal;
  /** Check in every transaction that commits an effect, because the job may have been taken over. */
  readonly fence: Fence;
  /** Reports progress. Can be called for each row; it is written to PostgreSQL a few times a second. */
  progress(progress: JobProgress): void;
}

/** The result of a job of kind `K`. */
export type JobResult<K extends JobKind = JobKind> = NonNullable<Extract<Job, { kind: K }>["result"]>;

/**
 * The handler of each kind. The process may die between the end of the work and its record, so a handler may run again
 * under the same id, and must then produce the same result.
 */
export type JobHandlers = {
  readonly [K in JobKind]: (ctx: Context, run: JobRun<JobParams<K>>) => Promise<JobResult<K>>;
};

/**
 * Thrown by a handler that ends early with a partial result: when its signal aborts, or because of the error in its
 * cause.
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
