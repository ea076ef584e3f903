import { tableGrowth } from "@/server/services/overview";
import { proposeRemoval, storageUse } from "@/server/services/storage";
import { proposalQuery } from "@/server/services/storage/contract";
import { tableStats } from "@/server/services/tables";
import { tableKey } from "@/server/services/tables/contract";
import { procedure, router } from "./init";

export const tablesRouter = router({
  storage: procedure("read").query(({ ctx }) => storageUse(ctx.app, ctx.principal)),

  proposal: procedure("cleanup")
    .input(proposalQuery)
    .query(({ ctx, input }) => proposeRemoval(ctx.app, input)),

  figures: procedure("read")
    .input(tableKey)
    .query(async ({ ctx, input }) => {
      const [stats, growth] = await Promise.all([tableStats(ctx.app, input.name), tableGrowth(ctx.app, input.name)]);
      return { ...stats, growth };
    }),
});
