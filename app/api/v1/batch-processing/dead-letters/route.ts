import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { deadLetterSelection, endpoint, none, pageSize, route, unread } from "@/server/rest";
import { deadLettersAnswer, discardAnswer } from "@/server/rest/answers";
import { deadLetterGroups, deadLetterReader, discardDeadLetters } from "@/server/services/dead-letters";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters", {
  GET: endpoint({
    summary: "List dead letters, the last seen first, and how many each error has.",
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
    answers: { 200: deadLettersAnswer },
    handle: async ({ ctx, principal, query }) => {
      const [page, groups] = await Promise.all([
        deadLetterReader(ctx, principal).list(query),
        deadLetterGroups(ctx, { queue: query.queue, error: query.error }),
      ]);
      return { ...page, groups };
    },
  }),
  DELETE: endpoint({
    summary: "Discard dead letters for good.",
    permission: "dead-letters.discard",
    audit: "dead-letter.discard",
    params: none,
    query: none,
    body: deadLetterSelection,
    answers: { 200: discardAnswer },
    handle: ({ ctx, principal, body }) => discardDeadLetters(ctx, body, principal),
  }),
});
