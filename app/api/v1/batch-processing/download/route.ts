import { z } from "zod";
import { endpoint, none, route, unread } from "@/server/rest";
import { fileAnswers } from "@/server/rest/answers";
import { fileResponse } from "@/server/rest/file-response";
import { noteDownload, openExport } from "@/server/services/exports";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/download", {
  GET: endpoint({
    summary: "Download an export's file, or a range of its bytes.",
    permission: "download",
    audit: "export.download",
    params: none,
    query: z.strictObject({ file_path: z.string().describe("An export's file_path, or its absolute path") }),
    body: unread,
    answers: fileAnswers,
    errors: ["NOT_FOUND", "PRECONDITION_FAILED", "RANGE_NOT_SATISFIABLE"],
    handle: async ({ ctx, request, principal, query }) => {
      const { record, handle, contentType } = await openExport(ctx, query.file_path);
      const file = {
        handle,
        name: record.file_name,
        size: record.size_bytes,
        contentType,
        etag: record.sha256,
      };
      return fileResponse(request, file, (range) => noteDownload(ctx, principal, record, range));
    },
  }),
});
