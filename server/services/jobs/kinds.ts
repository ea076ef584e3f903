import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";

const HOUR_SECONDS = 3_600;

interface JobKindSpec {
  /** The schema of the params; checked at the start and before each run. */
  readonly params: z.ZodType<Record<string, unknown>>;
  /** Runs that may end with their process or their connection to PostgreSQL before the job fails. */
  readonly attempts: number;
  /** Per attempt; its signal aborts then. */
  readonly timeLimitSeconds: number;
  /** Maximum number of concurrent runs, over all workers. */
  readonly concurrency: number;
  /** Deletes by time: not run by a worker whose clock is wrong, since other state may be wrong there too. */
  readonly needsClock: boolean;
}

/** All kinds of jobs. Their handlers are in the worker's table. */
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
      /** Keep rows that were restored from an archive, until the date chosen for the restore. */
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
      /** The automatic cleanup skips restored rows until then. */
      keep_until: z.string().optional(),
      /** The table of the archive, for display. */
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

/** Kinds that users request and see in the job list; runs of scheduled tasks have their own list. */
export const JOB_KINDS = ["export", "cleanup", "restore", "undo_import"] as const satisfies readonly JobKind[];

/** The params that a handler receives. */
export type JobParams<K extends JobKind> = z.output<(typeof jobKinds)[K]["params"]>;
/** The accepted input, before defaults. */
export type JobInput<K extends JobKind> = z.input<(typeof jobKinds)[K]["params"]>;

/** The exclusiveKey of jobs that delete rows of a log table, or files of the exports. */
export function cleanupKey(taskType: JobParams<"cleanup">["task_type"]): string {
  return `maintenance:${taskType}`;
}
