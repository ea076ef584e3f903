import { endpoint, none, route } from "@/server/rest";
import { replayDeadLetters } from "@/server/services/dead-letters";
import { deadLetterReplay, replayResult } from "@/server/services/dead-letters/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/replay", {
  POST: endpoint({
    summary: "Replay dead letters: by id, all with one error, or one with an edited payload.",
    permission: "dead-letters.replay",
    audit: "dead-letter.replay",
    params: none,
    query: none,
    body: deadLetterReplay,
    answers: { 200: replayResult },
    errors: ["NOT_FOUND"],
    handle: ({ ctx, principal, body }) => replayDeadLetters(ctx, body.selection, principal, body.payload),
  }),
});
