import { changeView, listViews, removeView, saveView } from "@/server/services/logs";
import { tableKey, viewChange, viewInput, viewKey } from "@/server/services/logs/contract";
import { procedure, router } from "../init";
import { browse } from "./browse";

export const viewsRouter = router({
  list: browse.input(tableKey).query(({ ctx, input }) => listViews(ctx.app, ctx.principal, input.table)),

  save: browse.input(viewInput).mutation(({ ctx, input }) => saveView(ctx.app, ctx.principal, input)),

  change: procedure("read")
    .input(viewChange)
    .mutation(({ ctx, input }) => changeView(ctx.app, ctx.principal, input)),

  remove: procedure("read")
    .input(viewKey)
    .mutation(({ ctx, input }) => removeView(ctx.app, ctx.principal, input.id)),
});
