import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { jobKinds } from "@/server/services/jobs";
import { longRead } from "@/server/services/rate-limits";
import {
  archiveReader,
  previewCleanupWithin,
  previewExportsCleanup,
  restoreInput,
  startCleanup,
  startRestore,
  verifyArchive,
} from "@/server/services/retention";
import { cleanupOutlook } from "@/server/services/schedules";
import { procedure, router } from "./init";

const id = z.guid();
const table = z.enum(LOG_TABLE_NAMES);
const { task_type, days_to_keep, archive } = jobKinds.cleanup.params.shape;

export const retentionRouter = router({
  /** Each retention policy, with what the next automatic cleanup would take. */
  outlook: procedure("read").query(({ ctx }) => longRead(ctx.principal, () => cleanupOutlook(ctx.app, ctx.principal))),

  /** What a cleanup by hand would take now: by month, with the archive's place and size. */
  preview: procedure("cleanup")
    .input(z.strictObject({ task_type, days_to_keep, archive }))
    .query(({ ctx, input: { task_type, days_to_keep, archive } }) =>
      longRead(ctx.principal, () =>
        task_type === "exports"
          ? previewExportsCleanup(ctx.app, days_to_keep)
          : previewCleanupWithin(ctx.app, task_type, { daysToKeep: days_to_keep, archive, keepRestored: false }),
      ),
    ),

  start: procedure("cleanup", "cleanup.start")
    .input(jobKinds.cleanup.params)
    .mutation(({ ctx, input }) => startCleanup(ctx.app, ctx.principal, input)),

  archives: procedure("read")
    .input(
      z.strictObject({
        table: table.optional(),
        month: z.string().optional(),
        limit: z.int().min(1).max(200).default(50),
        cursor: z.string().optional(),
        /** The interface's paging sends it. */
        direction: z.literal("forward").optional(),
      }),
    )
    .query(({ ctx, input: { direction: _, ...query } }) => archiveReader(ctx.app, ctx.principal).list(query)),

  verify: procedure("restore", "archive.verify")
    .input(z.strictObject({ id }))
    .mutation(({ ctx, input }) => verifyArchive(ctx.app, ctx.principal, input.id)),

  restore: procedure("restore", "restore.start")
    .input(restoreInput)
    .mutation(({ ctx, input }) => startRestore(ctx.app, ctx.principal, input)),
});
