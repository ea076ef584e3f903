import { explorer } from "@/server/services/explore";
import { changesQuery, exploreQuery } from "@/server/services/explore/contract";
import { longRead } from "@/server/services/rate-limits";
import { procedure, router } from "./init";

export const exploreRouter = router({
  query: procedure("read")
    .input(exploreQuery)
    .query(({ ctx, input }) =>
      longRead(ctx.principal, () => explorer(ctx.app, ctx.principal, ctx.signal).query(input)),
    ),
  changes: procedure("read")
    .input(changesQuery)
    .query(({ ctx, input }) =>
      longRead(ctx.principal, () => explorer(ctx.app, ctx.principal, ctx.signal).changes(input)),
    ),
});
