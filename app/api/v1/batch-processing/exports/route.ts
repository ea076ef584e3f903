import { endpoint, none, route, unread } from "@/server/rest";
import { exportReader } from "@/server/services/exports";
import { exportsQuery, shownExportPage } from "@/server/services/exports/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/exports", {
  GET: endpoint({
    summary: "List exports available for download, newest first.",
    permission: "read",
    params: none,
    query: exportsQuery,
    body: unread,
    answers: { 200: shownExportPage },
    handle: ({ ctx, principal, query }) => exportReader(ctx, principal).list(query),
  }),
});
