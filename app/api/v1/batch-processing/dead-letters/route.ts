import { endpoint, none, route, unread, withErrorText } from "@/server/rest";
import { deadLetterReader, discardDeadLetters } from "@/server/services/dead-letters";
import {
  deadLetterSelection,
  deadLettersAnswer,
  deadLettersQuery,
  discardResult,
} from "@/server/services/dead-letters/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters", {
  GET: endpoint({
    summary: "List dead letters, last seen first, with counts by error.",
    permission: "read",
    params: none,
    query: deadLettersQuery,
    body: unread,
    answers: { 200: deadLettersAnswer },
    handle: async ({ ctx, principal, query, locale }) => {
      const reader = deadLetterReader(ctx, principal);
      const { queue, error, search } = query;
      const [page, groups] = await Promise.all([reader.list(query), reader.groups({ queue, error, search })]);
      return {
        ...page,
        items: page.items.map((letter) => withErrorText(letter, locale)),
        groups: groups.map((group) => withErrorText(group, locale)),
      };
    },
  }),
  DELETE: endpoint({
    summary: "Discard dead letters permanently.",
    permission: "dead-letters.discard",
    audit: "dead-letter.discard",
    params: none,
    query: none,
    body: deadLetterSelection,
    answers: { 200: discardResult },
    handle: ({ ctx, principal, body }) => discardDeadLetters(ctx, body, principal),
  }),
});
