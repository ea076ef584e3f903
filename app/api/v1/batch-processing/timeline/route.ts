import { endpoint, none, route, unread } from "@/server/rest";
import { timelineReader } from "@/server/services/timeline";
import { timelinePage, timelineQuery } from "@/server/services/timeline/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/timeline", {
  GET: endpoint({
    summary: "List the events of a user, session or IP address in both log tables, newest first, by cursor.",
    permission: "read",
    params: none,
    query: timelineQuery,
    body: unread,
    errors: ["BAD_REQUEST", "FORBIDDEN"],
    answers: { 200: timelinePage },
    handle: ({ ctx, request, principal, query }) => timelineReader(ctx, principal, request.signal).page(query),
  }),
});
