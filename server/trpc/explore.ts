import { explorer } from "@/server/services/explore";
import { exploreQuery } from "@/server/services/explore/contract";
import { longRead } from "@/server/services/rate-limits";
import { procedure, router } from "./init";

export const exploreRouter = router({
  query: procedure("read")
    .input(exploreQuery)
    .query(({ ctx, input }) =>
      longRead(ctx.principal, () => explorer(ctx.app, ctx.principal, ctx.signal).query(input)),
    ),
});
