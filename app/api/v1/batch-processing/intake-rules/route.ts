import { endpoint, none, route, unread } from "@/server/rest";
import { listRules } from "@/server/services/intake-rules";
import { ruleSets } from "@/server/services/intake-rules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/intake-rules", {
  GET: endpoint({
    summary: "List the rules that events of each log table pass before they are stored.",
    permission: "intake-rules",
    params: none,
    query: none,
    body: unread,
    answers: { 200: ruleSets },
    handle: ({ ctx }) => listRules(ctx),
  }),
});
