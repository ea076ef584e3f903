import { endpoint, none, route } from "@/server/rest";
import { testRule } from "@/server/services/intake-rules";
import { ruleTest, ruleTestAnswer } from "@/server/services/intake-rules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/intake-rules/test", {
  POST: endpoint({
    summary: "Apply a rule to copies of the rows of the last hour, and return what it would drop or redact.",
    permission: "intake-rules",
    params: none,
    query: none,
    body: ruleTest,
    answers: { 200: ruleTestAnswer },
    handle: ({ ctx, body }) => testRule(ctx, body),
  }),
});
