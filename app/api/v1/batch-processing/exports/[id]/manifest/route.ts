import { AppError } from "@/server/lib/errors";
import { endpoint, none, route, unread } from "@/server/rest";
import { contentDisposition } from "@/server/rest/file-response";
import { exportReader } from "@/server/services/exports";
import { exportKey, shownManifest } from "@/server/services/exports/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/exports/{id}/manifest", {
  GET: endpoint({
    summary: "Download an export's manifest: filters, snapshot time, row count, checksum.",
    permission: "read",
    params: exportKey,
    query: none,
    body: unread,
    answers: { 200: shownManifest },
    handle: async ({ ctx, principal, params: { id } }) => {
      const found = await exportReader(ctx, principal).find({ id });
      if (!found) throw new AppError("export.not_found", {});
      const name = `${found.file_name}.manifest.json`;
      return new Response(`${JSON.stringify(found.manifest, null, 2)}\n`, {
        headers: {
          "Cache-Control": "no-store",
          "Content-Disposition": contentDisposition(name),
          "Content-Type": "application/json",
        },
      });
    },
  }),
});
