import { z } from "zod";
import { getImport, importFilter, importId, listImports, startUndo } from "@/server/services/imports";
import { procedure, router } from "./init";

const one = z.strictObject({ id: importId });

export const importsRouter = router({
  list: procedure("read")
    .input(
      importFilter.extend({
        limit: z.int().min(1).max(200).default(50),
        cursor: z.string().optional(),
        /** The interface's paging sends it. */
        direction: z.literal("forward").optional(),
      }),
    )
    .query(({ ctx, input: { direction: _, ...query } }) => listImports(ctx.app, query)),

  get: procedure("read")
    .input(one)
    .query(({ ctx, input }) => getImport(ctx.app, input.id)),

  undo: procedure("imports.undo", "import.undo")
    .input(one)
    .mutation(({ ctx, input }) => startUndo(ctx.app, ctx.principal, input.id)),
});
