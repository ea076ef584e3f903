import { endpoint, none, route, unread } from "@/server/rest";
import { fileAnswers, fileResponse } from "@/server/rest/file-response";
import { findExportFile, recordDownload } from "@/server/services/exports";
import { downloadQuery } from "@/server/services/exports/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/download", {
  GET: endpoint({
    summary: "Download an export's file, or a byte range of it.",
    permission: "download",
    audit: "export.download",
    params: none,
    query: downloadQuery,
    body: unread,
    answers: fileAnswers,
    errors: ["NOT_FOUND", "PRECONDITION_FAILED", "RANGE_NOT_SATISFIABLE"],
    handle: async ({ ctx, request, principal, query }) => {
      const { record, ...file } = await findExportFile(ctx, query.file_path);
      const served = { ...file, name: record.file_name, size: record.size_bytes, etag: record.sha256 };
      return fileResponse(request, served, {
        record: (range) => recordDownload(ctx, principal, record, range),
        presign: ctx.config.filesPresign,
      });
    },
  }),
});
