import { listMappings, removeMapping, saveMapping } from "@/server/services/mappings";
import { mappingKey, mappingSave } from "@/server/services/mappings/contract";
import { procedure, router } from "./init";

export const mappingsRouter = router({
  list: procedure("read").query(({ ctx }) => listMappings(ctx.app)),

  save: procedure("ingest", "mapping.save")
    .input(mappingSave)
    .mutation(({ ctx, input }) => saveMapping(ctx.app, ctx.principal, input)),

  remove: procedure("ingest", "mapping.remove")
    .input(mappingKey)
    .mutation(({ ctx, input }) => removeMapping(ctx.app, ctx.principal, input.name)),
});
