import { httpBatchStreamLink, httpLink, httpSubscriptionLink, splitLink, type TRPCLink } from "@trpc/client";
import { MAX_BATCH_ITEMS } from "@/server/catalog/batch-size";
import type { AppRouter } from "@/server/trpc/root";

/** Maximum length in characters; proxies reject longer request lines. */
const MAX_URL_LENGTH = 4_000;

/** Creates the tRPC links. Simultaneous calls share a request, which streams each result when it is available. */
export function trpcLinks(url: string): TRPCLink<AppRouter>[] {
  return [
    splitLink({
      condition: (operation) => operation.type === "subscription",
      true: httpSubscriptionLink({ url }),
      false: splitLink({
        // A request can only be cancelled as a whole, so searches are sent in their own request.
        condition: ({ path }) => path.startsWith("logs.") || path.startsWith("explore.") || path === "exports.preview",
        true: httpLink({ url }),
        false: splitLink({
          // The input exceeds the maximum length of a URL.
          condition: ({ path }) => path === "importPreview",
          true: httpLink({ url, methodOverride: "POST" }),
          false: httpBatchStreamLink({ url, maxItems: MAX_BATCH_ITEMS, maxURLLength: MAX_URL_LENGTH }),
        }),
      }),
    }),
  ];
}
