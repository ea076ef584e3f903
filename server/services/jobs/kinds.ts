import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";

const HOUR_SECONDS = 3_600;

interface JobKindSpec {
  /** Of what the work is given; checked at the start and again before each run. */
  readonly params: z.ZodType<Record<string, unknown>>;
  /** Runs that may end with their process or with the connection to PostgreSQL before the job is given up. */
  readonly attempts: number;
  /** Of one attempt; its signal aborts then. */
  readonly timeLimitSeconds: number;
  /** How many may run at once, over all workers. */
  readonly concurrency: number;
  /** Deletes by time: not for a worker whose clock is wrong, since nobody knows what else is wrong there. */
  readonly needsClock: boolean;
}

/** Every kind of job. What does the work of each, the worker's table says. */
export const jobKinds = {
  export: {
    params: z.strictObject({
      export_type: z.enum([...LOG_TABLE_NAMES, "statistics"]),
      format: z.enum(["csv", "excel"]),
      start_date: z.string().optional(),
      end_date: z.string().optional(),
      filters: z.record(z.string(), z.string()).default({}),
      columns: z.array(z.string()).min(1).optional(),
      compress: z.enum(["none", "gzip", "zip"]).default("none"),
      bom: z.boolean().default(false),
      max_rows: z.int().min(1).optional(),
    }),
    attempts: 3,
    timeLimitSeconds: 2 * HOUR_SECONDS,
    concurrency: 2,
    needsClock: false,
  },
  cleanup: {
    params: z.strictObject({
      task_type: z.enum([...LOG_TABLE_NAMES, "exports"]),
      days_to_keep: z.int().min(0).max(3650),
      dry_run: z.boolean().default(false),
      archive: z.boolean().default(true),
      /** Leave rows alone that came back from an archive, until the date picked at their restore. */
      keep_restored: z.boolean().default(false),
    }),
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 2,
    needsClock: true,
  },
  restore: {
    params: z.strictObject({
      archive_id: z.string(),
      start_date: z.string().optional(),
      end_date: z.string().optional(),
      /** Restored rows are left alone by the automatic cleanup until then. */
      keep_until: z.string().optional(),
      /** What the archive is of, for whoever reads of the job. */
      table: z.enum(LOG_TABLE_NAMES).optional(),
      month: z.string().optional(),
    }),
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 1,
    needsClock: false,
  },
  undo_import: {
    params: z.strictObject({ import_id: z.int(), table: z.enum(LOG_TABLE_NAMES) }),
    attempts: 5,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 1,
    needsClock: false,
  },
  /** A run of a scheduled task; the jobs it starts are of the other kinds, so none waits for its own place. */
  scheduled_task: {
    params: z.strictObject({ task: z.string() }),
    attempts: 3,
    timeLimitSeconds: 24 * HOUR_SECONDS,
    concurrency: 8,
    needsClock: true,
  },
} as const satisfies Record<string, JobKindSpec>;

export type JobKind = keyof typeof jobKinds;

/** Those that people ask for and see among the jobs; runs of scheduled tasks have a list of their own. */
export const JOB_KINDS = ["export", "cleanup", "restore", "undo_import"] as const satisfies readonly JobKind[];

/** What the work of a kind is given. */
export type JobParams<K extends JobKind> = z.output<(typeof jobKinds)[K]["params"]>;
/** What may be given for it, before defaults. */
export type JobInput<K extends JobKind> = z.input<(typeof jobKinds)[K]["params"]>;

/** The exclusiveKey of whatever takes rows out of a log table, or files out of the exports. */
export function cleanupKey(taskType: JobParams<"cleanup">["task_type"]): string {
  return `maintenance:${taskType}`;
}
