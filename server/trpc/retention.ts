import { longRead } from "@/server/services/rate-limits";
import {
  archiveReader,
  deleteArchives,
  previewCleanupWithin,
  previewExportsCleanup,
  startCleanup,
  startRestore,
  startRestores,
  verifyArchive,
} from "@/server/services/retention";
import {
  archiveKey,
  archiveMonthsQuery,
  archivesDeleteInput,
  archivesQuery,
  cleanupInput,
  previewInput,
  restoreInput,
  restoresInput,
} from "@/server/services/retention/contract";
import { changePolicy, listPolicies, resetPolicy } from "@/server/services/retention-policies";
import { policyChange, policyKey } from "@/server/services/retention-policies/contract";
import { cleanupOutlook, previewPolicy } from "@/server/services/schedules";
import { forwards, procedure, router } from "./init";

export const retentionRouter = router({
  /** Returns each retention policy and what its next automatic cleanup deletes. */
  outlook: procedure("read").query(({ ctx }) => longRead(ctx.principal, () => cleanupOutlook(ctx.app, ctx.principal))),

  policies: procedure("read").query(({ ctx }) => listPolicies(ctx.app)),

  previewPolicy: procedure("cleanup")
    .input(policyChange)
    .query(({ ctx, input }) => longRead(ctx.principal, () => previewPolicy(ctx.app, input))),

  changePolicy: procedure("cleanup", "retention-policy.change")
    .input(policyChange)
    .mutation(({ ctx, input }) => changePolicy(ctx.app, ctx.principal, input)),

  resetPolicy: procedure("cleanup", "retention-policy.reset")
    .input(policyKey)
    .mutation(({ ctx, input }) => resetPolicy(ctx.app, ctx.principal, input.id)),

  /** Previews a manual cleanup by month, with the archive's location and size. */
  preview: procedure("cleanup")
    .input(previewInput)
    .query(({ ctx, input: { task_type, days_to_keep, archive } }) =>
      longRead(ctx.principal, () =>
        task_type === "exports"
          ? previewExportsCleanup(ctx.app, days_to_keep)
          : previewCleanupWithin(ctx.app, task_type, { daysToKeep: days_to_keep, archive, keepRestored: false }),
      ),
    ),

  start: procedure("cleanup", "cleanup.start")
    .input(cleanupInput)
    .mutation(({ ctx, input }) => startCleanup(ctx.app, ctx.principal, input)),

  archives: procedure("read")
    .input(archivesQuery.extend(forwards))
    .query(({ ctx, input }) => archiveReader(ctx.app, ctx.principal).list(input)),

  archiveMonths: procedure("read")
    .input(archiveMonthsQuery)
    .query(({ ctx, input }) => archiveReader(ctx.app, ctx.principal).months(input)),

  removeArchives: procedure("cleanup", "archive.delete")
    .input(archivesDeleteInput)
    .mutation(({ ctx, input }) => deleteArchives(ctx.app, ctx.principal, input.ids)),

  restoreSeveral: procedure("restore", "restore.start")
    .input(restoresInput)
    .mutation(({ ctx, input }) => startRestores(ctx.app, ctx.principal, input)),

  verify: procedure("restore", "archive.verify")
    .input(archiveKey)
    .mutation(({ ctx, input }) => verifyArchive(ctx.app, ctx.principal, input.id)),

  restore: procedure("restore", "restore.start")
    .input(restoreInput)
    .mutation(({ ctx, input }) => startRestore(ctx.app, ctx.principal, input)),
});
