import { endpoint, none, route, unread } from "@/server/rest";
import { archiveReader } from "@/server/services/retention";
import { archivesQuery, shownArchivePage } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives", {
  GET: endpoint({
    summary: "List archives, newest first.",
    permission: "read",
    params: none,
    query: archivesQuery,
    body: unread,
    answers: { 200: shownArchivePage },
    handle: ({ ctx, principal, query }) => archiveReader(ctx, principal).list(query),
  }),
});
