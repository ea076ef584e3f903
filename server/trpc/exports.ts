import { deleteExport, exportReader, previewExport, startExport } from "@/server/services/exports";
import { exportInput, exportKey, exportsQuery } from "@/server/services/exports/contract";
import { longRead } from "@/server/services/rate-limits";
import { procedure, router } from "./init";

export const exportsRouter = router({
  /** Estimates the size of an export. */
  preview: procedure("export")
    .input(exportInput)
    .query(({ ctx, input }) => longRead(ctx.principal, () => previewExport(ctx.app, input))),

  /** @returns the export's job, or that of an equal export in progress */
  start: procedure("export", "export.start", "exports")
    .input(exportInput)
    .mutation(({ ctx, input }) => startExport(ctx.app, ctx.principal, input)),

  list: procedure("read")
    .input(exportsQuery)
    .query(({ ctx, input }) => exportReader(ctx.app, ctx.principal).list(input)),

  remove: procedure("export", "export.delete")
    .input(exportKey)
    .mutation(({ ctx, input }) => deleteExport(ctx.app, ctx.principal, input.id)),
});
