import { z } from "zod";
import { endpoint, none, route, unread } from "@/server/rest";
import { deadLetterAnswer } from "@/server/rest/answers";
import { deadLetterReader } from "@/server/services/dead-letters";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/{id}", {
  GET: endpoint({
    summary: "Show one dead letter with its whole text.",
    permission: "read",
    params: z.object({ id: z.guid() }),
    query: none,
    body: unread,
    answers: { 200: deadLetterAnswer },
    handle: ({ ctx, principal, params }) => deadLetterReader(ctx, principal).read(params.id),
  }),
});
