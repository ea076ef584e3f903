import { endpoint, none, route, unread } from "@/server/rest";
import { fileAnswers, fileResponse } from "@/server/rest/file-response";
import { findArchiveFile, recordArchiveDownload } from "@/server/services/retention";
import { archiveKey } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}/download", {
  GET: endpoint({
    summary: "Download an archive's file, or a byte range of it.",
    permission: "restore",
    audit: "archive.download",
    params: archiveKey,
    query: none,
    body: unread,
    answers: fileAnswers,
    errors: ["CONFLICT", "PRECONDITION_FAILED", "RANGE_NOT_SATISFIABLE"],
    handle: async ({ ctx, request, principal, params }) => {
      const { sha256, ...file } = await findArchiveFile(ctx, params.id);
      const served = { ...file, etag: sha256 };
      return fileResponse(request, served, {
        record: (range) => recordArchiveDownload(ctx, principal, params.id, range),
        presign: ctx.config.filesPresign,
      });
    },
  }),
});
