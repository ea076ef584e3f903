import { z } from "zod";
import { endpoint, none, route, unread } from "@/server/rest";
import { fileAnswers } from "@/server/rest/answers";
import { fileResponse, selectionOf } from "@/server/rest/file-response";
import { noteArchiveDownload, openArchive } from "@/server/services/batch-data-processor";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}/download", {
  GET: endpoint({
    summary: "Download an archive's file, or a range of its bytes.",
    permission: "restore",
    params: z.object({ id: z.guid() }),
    query: none,
    body: unread,
    answers: fileAnswers,
    errors: ["CONFLICT", "RANGE_NOT_SATISFIABLE"],
    handle: async ({ ctx, request, principal, params }) => {
      const { handle, name, size, sha256 } = await openArchive(ctx, params.id);
      const file = { handle, name, size, contentType: "application/gzip", etag: sha256 };
      const selection = selectionOf(request.headers, sha256, size);
      if (request.method !== "HEAD" && (selection.kind === "whole" || selection.kind === "part")) {
        try {
          await noteArchiveDownload(ctx, principal, params.id);
        } catch (error) {
          // What cannot be recorded is not given out.
          await handle.close();
          throw error;
        }
      }
      return fileResponse(request, file, selection);
    },
  }),
});
