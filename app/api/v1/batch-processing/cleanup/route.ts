import { endpoint, jobResponse, none, route } from "@/server/rest";
import { jobAnswers } from "@/server/services/jobs/contract";
import { startCleanup } from "@/server/services/retention";
import { cleanupInput } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/cleanup", {
  POST: endpoint({
    summary: "Clean up a log table or the exports, or preview the rows to delete.",
    permission: "cleanup",
    audit: "cleanup.start",
    params: none,
    query: none,
    body: cleanupInput,
    answers: jobAnswers,
    errors: ["CONFLICT", "TOO_MANY_REQUESTS"],
    handle: async ({ ctx, request, principal, body }) =>
      jobResponse(ctx, request, await startCleanup(ctx, principal, body)),
  }),
});
