import { getImport, listImports, startUndo } from "@/server/services/imports";
import { importKey, importsQuery } from "@/server/services/imports/contract";
import { forwards, procedure, router } from "./init";

export const importsRouter = router({
  list: procedure("read")
    .input(importsQuery.extend(forwards))
    .query(({ ctx, input }) => listImports(ctx.app, input)),

  get: procedure("read")
    .input(importKey)
    .query(({ ctx, input }) => getImport(ctx.app, input.id)),

  undo: procedure("imports.undo", "import.undo")
    .input(importKey)
    .mutation(({ ctx, input }) => startUndo(ctx.app, ctx.principal, input.id)),
});
