import { endpoint, none, route, unread } from "@/server/rest";
import { listPolicies } from "@/server/services/retention-policies";
import { retentionPolicies } from "@/server/services/retention-policies/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/retention-policies", {
  GET: endpoint({
    summary: "List the retention of each log table, of exports and of archives, and where each value comes from.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: retentionPolicies },
    handle: async ({ ctx }) => ({ policies: await listPolicies(ctx) }),
  }),
});
