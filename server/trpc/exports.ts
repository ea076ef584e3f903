import { z } from "zod";
import { deleteExport, exportReader, previewExport, startExport } from "@/server/services/exports";
import { jobKinds } from "@/server/services/jobs";
import { longRead } from "@/server/services/rate-limits";
import { procedure, router } from "./init";

export const exportsRouter = router({
  /** What an export would come to. */
  preview: procedure("export")
    .input(jobKinds.export.params)
    .query(({ ctx, input }) => longRead(ctx.principal, () => previewExport(ctx.app, input))),

  /** @returns its job, or that of the same export under way */
  start: procedure("export", "export.start", "exports")
    .input(jobKinds.export.params)
    .mutation(({ ctx, input }) => startExport(ctx.app, ctx.principal, input)),

  list: procedure("read")
    .input(z.strictObject({ limit: z.int().min(1).max(200).default(50), cursor: z.string().optional() }))
    .query(({ ctx, input }) => exportReader(ctx.app, ctx.principal).list(input)),

  remove: procedure("export", "export.delete")
    .input(z.strictObject({ id: z.guid() }))
    .mutation(({ ctx, input }) => deleteExport(ctx.app, ctx.principal, input.id)),
});
