import { changeTask, previewSchedule, runTaskNow, taskReader } from "@/server/services/schedules";
import { schedulePreviewInput, taskChange, taskKey, taskRunsQuery } from "@/server/services/schedules/contract";
import { procedure, router } from "./init";

export const schedulesRouter = router({
  status: procedure("read").query(({ ctx }) => taskReader(ctx.app, ctx.principal).status()),

  /** Returns the latest runs of a task, newest first. */
  runs: procedure("read")
    .input(taskRunsQuery)
    .query(({ ctx, input }) => taskReader(ctx.app, ctx.principal).runs(input.name, input.limit)),

  /** Returns the next due times of a schedule, or the reason why it is invalid. */
  preview: procedure("read")
    .input(schedulePreviewInput)
    .query(({ ctx, input }) => previewSchedule(ctx.app, input.schedule)),

  run: procedure("scheduled-tasks", "task.run")
    .input(taskKey)
    .mutation(({ ctx, input }) => runTaskNow(ctx.app, input.name, ctx.principal)),

  change: procedure("scheduled-tasks", "task.change")
    .input(taskChange)
    .mutation(async ({ ctx, input: { name, ...change } }) => {
      await changeTask(ctx.app, name, change, ctx.principal);
      return await taskReader(ctx.app, ctx.principal).status();
    }),
});
