import { endpoint, noBody, none, route } from "@/server/rest";
import { deleteArchives } from "@/server/services/retention";
import { archiveDeleted, archiveKey } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}", {
  DELETE: endpoint({
    summary: "Delete an archive and its file. Rows that are not in the table are lost.",
    permission: "cleanup",
    audit: "archive.delete",
    params: archiveKey,
    query: none,
    body: noBody,
    answers: { 200: archiveDeleted },
    errors: ["CONFLICT"],
    handle: async ({ ctx, principal, params: { id } }) => {
      await deleteArchives(ctx, principal, [id]);
      return { id, deleted: true as const };
    },
  }),
});
