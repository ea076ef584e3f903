import { endpoint, none, route } from "@/server/rest";
import { explorer } from "@/server/services/explore";
import { exploreAnswer, exploreQuery } from "@/server/services/explore/contract";
import { longRead } from "@/server/services/rate-limits";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/query", {
  POST: endpoint({
    summary: "Aggregate log rows by fields and over time.",
    permission: "read",
    params: none,
    query: none,
    body: exploreQuery,
    errors: ["FORBIDDEN"],
    answers: { 200: exploreAnswer },
    handle: ({ ctx, request, principal, body }) =>
      longRead(principal, () => explorer(ctx, principal, request.signal).query(body)),
  }),
});
