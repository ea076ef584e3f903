import { deadLetterReplay, endpoint, none, route } from "@/server/rest";
import { replayDeadLetters } from "@/server/services/batch-data-processor";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  POST: endpoint({
    permission: "dead-letters.replay",
    params: none,
    query: none,
    body: deadLetterReplay,
    handle: ({ ctx, body }) => replayDeadLetters(ctx, body.selection, body.payload),
  }),
});
