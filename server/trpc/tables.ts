import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { tableGrowth } from "@/server/services/overview";
import { tableStats } from "@/server/services/tables";
import { procedure, router } from "./init";

export const tablesRouter = router({
  figures: procedure("read")
    .input(z.strictObject({ name: z.enum(LOG_TABLE_NAMES) }))
    .query(async ({ ctx, input }) => {
      const [stats, growth] = await Promise.all([tableStats(ctx.app, input.name), tableGrowth(ctx.app, input.name)]);
      return { ...stats, growth };
    }),
});
