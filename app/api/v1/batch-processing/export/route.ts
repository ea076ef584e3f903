import { endpoint, jobResponse, none, route } from "@/server/rest";
import { jobAnswers } from "@/server/rest/answers";
import { startExport } from "@/server/services/exports";
import { jobKinds } from "@/server/services/jobs";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/export", {
  POST: endpoint({
    summary: "Export log rows or a statistics report to a file; the same export under way is joined.",
    permission: "export",
    limit: "exports",
    audit: "export.start",
    params: none,
    query: none,
    body: jobKinds.export.params,
    answers: jobAnswers,
    handle: async ({ ctx, request, principal, body }) =>
      jobResponse(ctx, request, await startExport(ctx, principal, body)),
  }),
});
