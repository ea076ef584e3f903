import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { deadLetterSelection, endpoint, none, pageSize, route, unread } from "@/server/rest";
import { deadLetterGroups, discardDeadLetters, listDeadLetters } from "@/server/services/batch-data-processor";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    permission: "read",
    params: none,
    query: ({ config }) =>
      z.strictObject({
        queue: z.enum(LOG_TABLE_NAMES).optional(),
        error: z.string().optional(),
        limit: pageSize(config),
        cursor: z.string().optional(),
      }),
    body: unread,
    handle: async ({ ctx, query }) => {
      const [page, groups] = await Promise.all([
        listDeadLetters(ctx, query),
        deadLetterGroups(ctx, { queue: query.queue, error: query.error }),
      ]);
      return { ...page, groups };
    },
  }),
  DELETE: endpoint({
    permission: "dead-letters.discard",
    params: none,
    query: none,
    body: deadLetterSelection,
    handle: ({ ctx, body }) => discardDeadLetters(ctx, body),
  }),
});
