import { route } from "@/server/rest";
import { fileResponse } from "@/server/rest/file-response";
import { requestOrigin } from "@/server/services/accounts";
import { openShared, recordSharedDownload } from "@/server/services/exports";
import { sharedParams } from "@/server/services/exports/contract";

/** Downloads the file of a share link, without an account. */
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/api/shared/{token}", {
  GET: async ({ ctx, request, params }) => {
    const from = requestOrigin(request.headers);
    const { token } = sharedParams.parse(params);
    const { shared, record, ...file } = await openShared(ctx, token, from);
    const served = { ...file, name: record.file_name, size: record.size_bytes, etag: record.sha256 };
    const response = await fileResponse(request, served, {
      record: (range) => recordSharedDownload(ctx, shared, from, range),
      // A URL of the object store would work after the link was revoked.
      presign: false,
    });
    response.headers.set("Cache-Control", "no-store, no-transform");
    return response;
  },
});
