import { z } from "zod";
import { JOB_STATUSES, type Job, type JobPage, jobKinds } from "@/server/services/jobs";
import { instant } from "./instant";

const kinds = Object.keys(jobKinds) as [keyof typeof jobKinds, ...(keyof typeof jobKinds)[]];

/** A job, wherever one is answered. */
export const jobAnswer = z
  .object({
    job_id: z.guid(),
    kind: z.enum(kinds),
    status: z.enum(JOB_STATUSES),
    progress: z.object({
      done: z.int(),
      total: z.int().nullable().describe("Null while nobody knows"),
      unit: z.literal("rows"),
      phase: z.string(),
    }),
    requested_by: z.string(),
    created_at: instant,
    started_at: instant.nullable().describe("Of the latest run"),
    finished_at: instant.nullable(),
    duration_ms: z.int().nullable(),
    params: z.record(z.string(), z.unknown()),
    result: z.record(z.string(), z.unknown()).nullable(),
    error: z.string().nullable(),
  })
  .describe("The job") satisfies z.ZodType<Job>;

/** What a request that starts or cancels a job answers with. */
export const jobAnswers = {
  200: jobAnswer.describe("The job has ended"),
  202: jobAnswer.describe("The job goes on; ask for it at Location"),
};

/** The answer to GET /jobs. */
export const jobsAnswer = z.object({
  items: z.array(jobAnswer),
  next_cursor: z.string().nullable(),
}) satisfies z.ZodType<JobPage>;
