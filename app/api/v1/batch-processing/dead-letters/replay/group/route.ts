import { endpoint, jobResponse, none, route } from "@/server/rest";
import { startReplay } from "@/server/services/dead-letters";
import { groupReplay } from "@/server/services/dead-letters/contract";
import { jobAnswers } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/replay/group", {
  POST: endpoint({
    summary: "Replay all dead letters with one error, read with another mapping or with changes, as a job.",
    permission: "dead-letters.replay",
    audit: "dead-letter.replay",
    params: none,
    query: none,
    body: groupReplay,
    answers: jobAnswers,
    errors: ["NOT_FOUND", "TOO_MANY_REQUESTS"],
    handle: async ({ ctx, request, principal, body }) =>
      jobResponse(ctx, request, await startReplay(ctx, principal, body)),
  }),
});
