import { tableGrowth } from "@/server/services/overview";
import { tableStats } from "@/server/services/tables";
import { tableKey } from "@/server/services/tables/contract";
import { procedure, router } from "./init";

export const tablesRouter = router({
  figures: procedure("read")
    .input(tableKey)
    .query(async ({ ctx, input }) => {
      const [stats, growth] = await Promise.all([tableStats(ctx.app, input.name), tableGrowth(ctx.app, input.name)]);
      return { ...stats, growth };
    }),
});
