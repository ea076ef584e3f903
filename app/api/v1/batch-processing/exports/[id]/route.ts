import { endpoint, noBody, none, route } from "@/server/rest";
import { deleteExport } from "@/server/services/exports";
import { exportDeleted, exportKey } from "@/server/services/exports/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/exports/{id}", {
  DELETE: endpoint({
    summary: "Delete an export and its file.",
    permission: "export",
    audit: "export.delete",
    params: exportKey,
    query: none,
    body: noBody,
    answers: { 200: exportDeleted },
    handle: async ({ ctx, principal, params: { id } }) => {
      await deleteExport(ctx, principal, id);
      return { export_id: id, deleted: true as const };
    },
  }),
});
