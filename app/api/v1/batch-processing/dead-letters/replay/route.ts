import { deadLetterReplay, endpoint, none, route } from "@/server/rest";
import { replayAnswer } from "@/server/rest/answers";
import { replayDeadLetters } from "@/server/services/dead-letters";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/replay", {
  POST: endpoint({
    summary: "Try dead letters again: some, all of one error, or one with its mended text.",
    permission: "dead-letters.replay",
    audit: "dead-letter.replay",
    params: none,
    query: none,
    body: deadLetterReplay,
    answers: { 200: replayAnswer },
    errors: ["NOT_FOUND"],
    handle: ({ ctx, principal, body }) => replayDeadLetters(ctx, body.selection, principal, body.payload),
  }),
});
