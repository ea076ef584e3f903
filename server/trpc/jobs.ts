import { cancelJob, jobReader } from "@/server/services/jobs";
import { jobKey, jobsQuery, jobsWatch } from "@/server/services/jobs/contract";
import { forwards, procedure, router } from "./init";

export const jobsRouter = router({
  list: procedure("read")
    .input(jobsQuery.extend(forwards))
    .query(({ ctx, input }) => jobReader(ctx.app, ctx.principal).list(input)),

  get: procedure("read")
    .input(jobKey)
    .query(({ ctx, input }) => jobReader(ctx.app, ctx.principal).get(input.id)),

  /** Streams the latest and running jobs, now and after each change. */
  watch: procedure("read")
    .input(jobsWatch)
    .subscription(({ ctx, input }) => jobReader(ctx.app, ctx.principal).watch(input, ctx.signal)),

  cancel: procedure("jobs.cancel", "job.cancel")
    .input(jobKey)
    .mutation(({ ctx, input }) => cancelJob(ctx.app, input.id, ctx.principal)),
});
