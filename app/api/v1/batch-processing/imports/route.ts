import { endpoint, none, route, unread } from "@/server/rest";
import { listImports } from "@/server/services/imports";
import { importPage, importsQuery } from "@/server/services/imports/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/imports", {
  GET: endpoint({
    summary: "List imports, newest first.",
    permission: "read",
    params: none,
    query: importsQuery,
    body: unread,
    answers: { 200: importPage },
    handle: ({ ctx, query }) => listImports(ctx, query),
  }),
});
