import { timelineReader } from "@/server/services/timeline";
import { timelineQuery, timelineSelection } from "@/server/services/timeline/contract";
import { procedure, router } from "./init";

export const timelineRouter = router({
  page: procedure("read")
    .input(timelineQuery)
    .query(({ ctx, input }) => timelineReader(ctx.app, ctx.principal, ctx.signal).page(input)),

  summary: procedure("read")
    .input(timelineSelection)
    .query(({ ctx, input }) => timelineReader(ctx.app, ctx.principal, ctx.signal).summary(input)),
});
