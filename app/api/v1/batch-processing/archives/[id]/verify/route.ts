import { z } from "zod";
import { endpoint, noBody, none, route } from "@/server/rest";
import { archiveCheckAnswer } from "@/server/rest/answers";
import { verifyArchive } from "@/server/services/retention";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/{id}/verify", {
  POST: endpoint({
    summary: "Read an archive's file through: its checksum and its rows.",
    permission: "restore",
    audit: "archive.verify",
    params: z.object({ id: z.guid() }),
    query: none,
    body: noBody,
    answers: { 200: archiveCheckAnswer },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params }) => verifyArchive(ctx, principal, params.id),
  }),
});
