import { z } from "zod";
import { replayParams } from "@/server/services/dead-letters/contract";
import { exportInput } from "@/server/services/exports/contract";
import { undoParams } from "@/server/services/imports/contract";
import { type CleanupParams, cleanupInput, restoreParams } from "@/server/services/retention/contract";

const HOUR_SECONDS = 3_600;

interface JobKindSpec {
  /** The schema of the params; checked at the start and before each run. */
  readonly params: z.ZodType<Record<string, unknown>>;
  /** Runs that may end with their process or their connection to PostgreSQL before the job fails. */
  readonly attempts: number;
  /** The time limit per attempt, after which its signal aborts. */
  readonly timeLimitSeconds: number;
  /** Maximum number of concurrent runs, over all workers. */
  readonly concurrency: number;
  /** Whether the kind deletes by time. It is not run by a worker whose clock is wrong. */
  readonly needsClock: boolean;
}

/** All kinds of jobs. Their handlers are in the worker's table. */
export const jobKinds = {
  export: {
    params: exportInput,
    attempts: 3,
    timeLimitSeconds: 2 * HOUR_SECONDS,
    concurrency: 2,
    needsClock: false,
  },
  cleanup: {
    params: cleanupInput,
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 2,
    needsClock: true,
  },
  restore: {
    params: restoreParams,
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 1,
    needsClock: false,
  },
  undo_import: {
    params: undoParams,
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 1,
    needsClock: false,
  },
  replay_dead_letters: {
    params: replayParams,
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 1,
    needsClock: false,
  },
  /** A run of a scheduled task; it starts jobs of other kinds, so none waits for its own slot. */
  scheduled_task: {
    params: z.strictObject({ task: z.string() }),
    attempts: 3,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 8,
    needsClock: true,
  },
} as const satisfies Record<string, JobKindSpec>;

export type JobKind = keyof typeof jobKinds;

/** The params that a handler receives. */
export type JobParams<K extends JobKind> = z.output<(typeof jobKinds)[K]["params"]>;
/** The accepted input, before defaults. */
export type JobInput<K extends JobKind> = z.input<(typeof jobKinds)[K]["params"]>;

/** The exclusiveKey of jobs that delete rows of a log table, or files of the exports. */
export function cleanupKey(taskType: CleanupParams["task_type"]): string {
  return `maintenance:${taskType}`;
}
