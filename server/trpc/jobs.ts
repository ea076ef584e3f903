import { z } from "zod";
import { cancelJob, JOB_KINDS, JOB_STATUSES, jobReader } from "@/server/services/jobs";
import { procedure, router } from "./init";

const id = z.guid();
const filter = {
  kind: z.enum(JOB_KINDS).optional(),
  status: z.enum(JOB_STATUSES).optional(),
  limit: z.int().min(1).max(200).default(50),
};

export const jobsRouter = router({
  list: procedure("read")
    .input(
      z.strictObject({
        ...filter,
        cursor: z.string().optional(),
        /** The interface's paging sends it. */
        direction: z.literal("forward").optional(),
      }),
    )
    .query(({ ctx, input: { direction: _, ...query } }) => jobReader(ctx.app, ctx.principal).list(query)),

  get: procedure("read")
    .input(z.strictObject({ id }))
    .query(({ ctx, input }) => jobReader(ctx.app, ctx.principal).get(input.id)),

  /** The newest jobs and those that run, now and after each change, until the reader leaves. */
  watch: procedure("read")
    .input(z.strictObject(filter))
    .subscription(({ ctx, input }) => jobReader(ctx.app, ctx.principal).watch(input, ctx.signal)),

  cancel: procedure("jobs.cancel", "job.cancel")
    .input(z.strictObject({ id }))
    .mutation(({ ctx, input }) => cancelJob(ctx.app, input.id, ctx.principal)),
});
