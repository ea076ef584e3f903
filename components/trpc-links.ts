import { httpBatchStreamLink, httpLink, httpSubscriptionLink, splitLink, type TRPCLink } from "@trpc/client";
import { MAX_BATCH_ITEMS } from "@/server/catalog/batch-size";
import type { AppRouter } from "@/server/trpc/root";

/** Characters; proxies refuse longer request lines. */
const MAX_URL_LENGTH = 4_000;

/**
 * The tRPC links: simultaneous calls share a request, and each is answered in its stream as soon as its
 * own answer is there.
 */
export function trpcLinks(url: string): TRPCLink<AppRouter>[] {
  return [
    splitLink({
      condition: (operation) => operation.type === "subscription",
      true: httpSubscriptionLink({ url }),
      false: splitLink({
        // A request is cancelled as a whole: a search could not be stopped while another call shares its request.
        condition: ({ path }) => path.startsWith("logs.") || path === "exports.preview",
        true: httpLink({ url }),
        false: splitLink({
          // Its input is longer than an address may be.
          condition: ({ path }) => path === "importPreview",
          true: httpLink({ url, methodOverride: "POST" }),
          false: httpBatchStreamLink({ url, maxItems: MAX_BATCH_ITEMS, maxURLLength: MAX_URL_LENGTH }),
        }),
      }),
    }),
  ];
}
