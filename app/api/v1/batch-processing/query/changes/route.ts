import { endpoint, none, route } from "@/server/rest";
import { explorer } from "@/server/services/explore";
import { changesAnswer, changesQuery } from "@/server/services/explore/contract";
import { longRead } from "@/server/services/rate-limits";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/query/changes", {
  POST: endpoint({
    summary: "Find what a window of time has more often than the period before.",
    permission: "read",
    params: none,
    query: none,
    body: changesQuery,
    errors: ["FORBIDDEN"],
    answers: { 200: changesAnswer },
    handle: ({ ctx, request, principal, body }) =>
      longRead(principal, () => explorer(ctx, principal, request.signal).changes(body)),
  }),
});
