import { z } from "zod";
import { endpoint, noBody, none, route } from "@/server/rest";
import { exportDeletedAnswer } from "@/server/rest/answers";
import { deleteExport } from "@/server/services/exports";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/exports/{id}", {
  DELETE: endpoint({
    summary: "Delete an export and its file.",
    permission: "export",
    audit: "export.delete",
    params: z.object({ id: z.guid() }),
    query: none,
    body: noBody,
    answers: { 200: exportDeletedAnswer },
    handle: async ({ ctx, principal, params: { id } }) => {
      await deleteExport(ctx, principal, id);
      return { export_id: id, deleted: true as const };
    },
  }),
});
