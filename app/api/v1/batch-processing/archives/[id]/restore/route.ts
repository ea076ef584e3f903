import { endpoint, jobResponse, none, route } from "@/server/rest";
import { jobAnswers } from "@/server/services/jobs/contract";
import { startRestore } from "@/server/services/retention";
import { archiveKey, restoreInput } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}/restore", {
  POST: endpoint({
    summary: "Restore the rows of an archive, or of a period of it, to their table.",
    permission: "restore",
    audit: "restore.start",
    params: archiveKey,
    query: none,
    body: restoreInput.omit({ archive_id: true }),
    answers: jobAnswers,
    errors: ["CONFLICT", "TOO_MANY_REQUESTS"],
    handle: async ({ ctx, request, principal, params, body }) =>
      jobResponse(ctx, request, await startRestore(ctx, principal, { ...body, archive_id: params.id })),
  }),
});
