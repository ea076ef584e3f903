import { z } from "zod";
import { listViews, removeView, saveView } from "@/server/services/logs";
import { procedure, router } from "../init";
import { browse, browsedTable as table } from "./browse";

export const viewsRouter = router({
  list: browse
    .input(z.strictObject({ table }))
    .query(({ ctx, input }) => listViews(ctx.app, ctx.principal, input.table)),

  save: browse
    .input(z.strictObject({ table, name: z.string().trim().min(1).max(100), search: z.string().max(4_000) }))
    .mutation(({ ctx, input }) => saveView(ctx.app, ctx.principal, input)),

  remove: procedure("read")
    .input(z.strictObject({ id: z.uuid() }))
    .mutation(({ ctx, input }) => removeView(ctx.app, ctx.principal, input.id)),
});
