import { endpoint, none, route, unread, withErrorText } from "@/server/rest";
import { deadLetterReader } from "@/server/services/dead-letters";
import { deadLetterAnswer, deadLetterKey } from "@/server/services/dead-letters/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/{id}", {
  GET: endpoint({
    summary: "Get a dead letter with its full payload.",
    permission: "read",
    params: deadLetterKey,
    query: none,
    body: unread,
    answers: { 200: deadLetterAnswer },
    handle: async ({ ctx, principal, params, locale }) =>
      withErrorText(await deadLetterReader(ctx, principal).read(params.id), locale),
  }),
});
