import { renderError } from "@/server/lib/error-text";
import { endpoint, none, route } from "@/server/rest";
import { replayDeadLetters } from "@/server/services/dead-letters";
import { deadLetterReplay, replayAnswer } from "@/server/services/dead-letters/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/replay", {
  POST: endpoint({
    summary: "Replay dead letters: by id, all with one error, or one with an edited payload.",
    permission: "dead-letters.replay",
    audit: "dead-letter.replay",
    params: none,
    query: none,
    body: deadLetterReplay,
    answers: { 200: replayAnswer },
    errors: ["NOT_FOUND"],
    handle: async ({ ctx, principal, body, locale }) => {
      const result = await replayDeadLetters(ctx, body.selection, principal, body.payload);
      const errors = result.errors.map(({ id, error }) => ({ id, message: renderError(error, locale), ...error }));
      return { ...result, errors };
    },
  }),
});
