import { z } from "zod";
import { storedError } from "@/server/catalog/errors";
import { JOB_STATUSES } from "@/server/catalog/job-statuses";
import { forwardPage, instant, nullableRenderedErrorFields, paging } from "@/server/lib/contract";
import { replayCounts, replayParams } from "@/server/services/dead-letters/contract";
import { exportInput, shownExportResult } from "@/server/services/exports/contract";
import { undoParams, undoResult } from "@/server/services/imports/contract";
import { cleanupInput, cleanupResult, restoreParams, restoreResult } from "@/server/services/retention/contract";
import { taskResults } from "@/server/services/schedules/contract";

/** Kinds that users request and see in the job list; runs of scheduled tasks have their own list. */
export const JOB_KINDS = ["export", "cleanup", "restore", "undo_import", "replay_dead_letters"] as const;

export const jobKey = z.strictObject({ id: z.guid() });
const filter = { kind: z.enum(JOB_KINDS).optional(), status: z.enum(JOB_STATUSES).optional() };
export const jobsQuery = z.strictObject({ ...filter, ...paging });
export type JobsQuery = z.infer<typeof jobsQuery>;
/** The latest and running jobs. */
export const jobsWatch = z.strictObject({ ...filter, limit: paging.limit });
export type JobsWatch = z.infer<typeof jobsWatch>;

function jobOf<
  const Kind extends string,
  const Phase extends string,
  Params extends z.ZodType,
  Result extends z.ZodType,
>(kind: Kind, phases: readonly Phase[], params: Params, result: Result) {
  return z.object({
    job_id: z.guid(),
    kind: z.literal(kind),
    status: z.enum(JOB_STATUSES),
    progress: z.object({
      done: z.int(),
      total: z.int().nullable().describe("Null while it is unknown"),
      unit: z.literal("rows"),
      phase: z.enum(["queued", "starting", "waiting_for_files", ...phases]),
    }),
    requested_by: z.string(),
    created_at: instant,
    started_at: instant.nullable().describe("The start of the latest run"),
    finished_at: instant.nullable(),
    duration_ms: z.int().nullable(),
    params,
    result: result.nullable(),
    error: storedError.nullable(),
  });
}

/** The schemas of a job by kind. */
const kinds = [
  jobOf("export", ["reading", "writing", "done"], exportInput.strip(), shownExportResult),
  jobOf("cleanup", ["counting", "archiving", "deleting"], cleanupInput.strip(), cleanupResult),
  jobOf("restore", ["verifying", "restoring"], restoreParams.strip(), restoreResult),
  jobOf("undo_import", ["deleting"], undoParams.strip(), undoResult),
  jobOf("replay_dead_letters", ["replaying"], replayParams.strip(), replayCounts),
  jobOf("scheduled_task", [], z.object({ task: z.string() }), z.union(Object.values(taskResults))),
] as const;
export const job = z.discriminatedUnion("kind", kinds);
export type Job = z.infer<typeof job>;
export type JobProgress = Job["progress"];

/** The REST responses. */
const [exportJob, cleanupJob, restoreJob, undoJob, replayJob, taskJob] = kinds;
export const jobAnswer = z
  .discriminatedUnion("kind", [
    exportJob.extend(nullableRenderedErrorFields),
    cleanupJob.extend(nullableRenderedErrorFields),
    restoreJob.extend(nullableRenderedErrorFields),
    undoJob.extend(nullableRenderedErrorFields),
    replayJob.extend(nullableRenderedErrorFields),
    taskJob.extend(nullableRenderedErrorFields),
  ])
  .describe("The job");

/** The responses to a request that starts or cancels a job, by status. */
export const jobAnswers = {
  200: jobAnswer.describe("The job has ended"),
  202: jobAnswer.describe("The job continues; its URL is in Location"),
};

export const jobPage = forwardPage(job);
export const jobPageAnswer = forwardPage(jobAnswer);
export type JobPage = z.infer<typeof jobPage>;
