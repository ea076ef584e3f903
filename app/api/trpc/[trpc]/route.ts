import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { MAX_BATCH_ITEMS } from "@/server/catalog/batch-size";
import { bounded } from "@/server/rest";
import { createTrpcContext } from "@/server/trpc/init";
import { appRouter } from "@/server/trpc/root";

export const dynamic = "force-dynamic";

const handle = bounded((request) =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    allowMethodOverride: true,
    maxBatchSize: MAX_BATCH_ITEMS,
    createContext: () => createTrpcContext(request.headers),
  }),
);

export { handle as GET, handle as POST };
