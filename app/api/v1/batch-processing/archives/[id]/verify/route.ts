import { endpoint, noBody, none, route, withProblemText } from "@/server/rest";
import { verifyArchive } from "@/server/services/retention";
import { archiveCheckAnswer, archiveKey } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}/verify", {
  POST: endpoint({
    summary: "Verify an archive's file: its checksum and its rows.",
    permission: "restore",
    audit: "archive.verify",
    params: archiveKey,
    query: none,
    body: noBody,
    answers: { 200: archiveCheckAnswer },
    errors: ["CONFLICT"],
    handle: async ({ ctx, principal, params, locale }) =>
      withProblemText(await verifyArchive(ctx, principal, params.id), locale),
  }),
});
