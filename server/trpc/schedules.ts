import { z } from "zod";
import {
  changeTask,
  previewSchedule,
  runTaskNow,
  scheduledTasksStatus,
  TASK_NAMES,
  taskRuns,
} from "@/server/services/schedules";
import { procedure, router } from "./init";

const name = z.enum(TASK_NAMES);
const schedule = z.string().max(100);

export const schedulesRouter = router({
  status: procedure("read").query(({ ctx }) => scheduledTasksStatus(ctx.app)),

  /** The latest runs of a task, the newest first. */
  runs: procedure("read")
    .input(z.strictObject({ name, limit: z.int().min(1).max(200).default(50) }))
    .query(({ ctx, input }) => taskRuns(ctx.app, input.name, input.limit)),

  /** When a schedule would be due, or what is wrong with it. */
  preview: procedure("read")
    .input(z.strictObject({ schedule }))
    .query(({ ctx, input }) => previewSchedule(ctx.app, input.schedule)),

  run: procedure("scheduled-tasks", "task.run")
    .input(z.strictObject({ name }))
    .mutation(({ ctx, input }) => runTaskNow(ctx.app, input.name, ctx.principal)),

  change: procedure("scheduled-tasks", "task.change")
    .input(z.strictObject({ name, enabled: z.boolean().optional(), schedule: schedule.nullable().optional() }))
    .mutation(async ({ ctx, input: { name, ...change } }) => {
      await changeTask(ctx.app, name, change, ctx.principal);
      return scheduledTasksStatus(ctx.app);
    }),
});
