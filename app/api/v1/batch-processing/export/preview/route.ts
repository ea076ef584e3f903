import { endpoint, none, route } from "@/server/rest";
import { exportPreviewAnswer } from "@/server/rest/answers";
import { previewExport } from "@/server/services/exports";
import { jobKinds } from "@/server/services/jobs";
import { longRead } from "@/server/services/rate-limits";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/export/preview", {
  POST: endpoint({
    summary: "Tell what an export would come to, without starting it.",
    permission: "export",
    params: none,
    query: none,
    body: jobKinds.export.params,
    answers: { 200: exportPreviewAnswer },
    handle: ({ ctx, principal, body }) => longRead(principal, () => previewExport(ctx, body)),
  }),
});
