import { endpoint, noBody, none, route } from "@/server/rest";
import { verifyArchive } from "@/server/services/retention";
import { archiveCheck, archiveKey } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}/verify", {
  POST: endpoint({
    summary: "Verify an archive's file: its checksum and its rows.",
    permission: "restore",
    audit: "archive.verify",
    params: archiveKey,
    query: none,
    body: noBody,
    answers: { 200: archiveCheck },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params }) => verifyArchive(ctx, principal, params.id),
  }),
});
