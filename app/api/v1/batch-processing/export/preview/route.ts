import { endpoint, none, route } from "@/server/rest";
import { previewExport } from "@/server/services/exports";
import { exportInput, exportPreview } from "@/server/services/exports/contract";
import { longRead } from "@/server/services/rate-limits";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/export/preview", {
  POST: endpoint({
    summary: "Estimate the size of an export without starting it.",
    permission: "export",
    params: none,
    query: none,
    body: exportInput,
    answers: { 200: exportPreview },
    handle: ({ ctx, principal, body }) => longRead(principal, () => previewExport(ctx, body)),
  }),
});
