import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { listViews, removeView, saveView } from "@/server/services/pagination";
import { procedure, router } from "../init";

const table = z.enum(LOG_TABLE_NAMES);

export const viewsRouter = router({
  list: procedure("read")
    .input(z.strictObject({ table }))
    .query(({ ctx, input }) => listViews(ctx.ctx, ctx.principal, input.table)),

  save: procedure("read")
    .input(z.strictObject({ table, name: z.string().trim().min(1).max(100), search: z.string().max(4_000) }))
    .mutation(({ ctx, input }) => saveView(ctx.ctx, ctx.principal, input)),

  remove: procedure("read")
    .input(z.strictObject({ id: z.uuid() }))
    .mutation(({ ctx, input }) => removeView(ctx.ctx, ctx.principal, input.id)),
});
