import { endpoint, noBody, none, route } from "@/server/rest";
import { changePolicy, resetPolicy } from "@/server/services/retention-policies";
import { policyInput, policyKey, retentionPolicy } from "@/server/services/retention-policies/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/retention-policies/{id}", {
  PUT: endpoint({
    summary: "Change a retention, from the next cleanup on.",
    permission: "cleanup",
    audit: "retention-policy.change",
    params: policyKey,
    query: none,
    body: policyInput,
    answers: { 200: retentionPolicy },
    handle: ({ ctx, principal, params: { id }, body: { days } }) => changePolicy(ctx, principal, { id, days }),
  }),
  DELETE: endpoint({
    summary: "Reset a retention to that of the environment.",
    permission: "cleanup",
    audit: "retention-policy.reset",
    params: policyKey,
    query: none,
    body: noBody,
    answers: { 200: retentionPolicy },
    handle: ({ ctx, principal, params: { id } }) => resetPolicy(ctx, principal, id),
  }),
});
