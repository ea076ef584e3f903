import { endpoint, jobResponse, none, route } from "@/server/rest";
import { startExport } from "@/server/services/exports";
import { exportInput } from "@/server/services/exports/contract";
import { jobAnswers } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/export", {
  POST: endpoint({
    summary: "Export log rows or a statistics report to a file. An equal running export is shared.",
    permission: "export",
    limit: "exports",
    audit: "export.start",
    params: none,
    query: none,
    body: exportInput,
    answers: jobAnswers,
    handle: async ({ ctx, request, principal, body }) =>
      jobResponse(ctx, request, await startExport(ctx, principal, body)),
  }),
});
