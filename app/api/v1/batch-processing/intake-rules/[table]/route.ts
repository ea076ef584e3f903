import { endpoint, none, route } from "@/server/rest";
import { saveRules } from "@/server/services/intake-rules";
import { ruleSet, ruleSetChange, ruleSetKey } from "@/server/services/intake-rules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/intake-rules/{table}", {
  PUT: endpoint({
    summary: "Replace the rules of a log table. All processes use them within seconds.",
    permission: "intake-rules",
    audit: "intake-rules.change",
    params: ruleSetKey,
    query: none,
    body: ruleSetChange,
    answers: { 200: ruleSet },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params: { table }, body }) => saveRules(ctx, principal, { ...body, table }),
  }),
});
