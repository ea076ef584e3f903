import { endpoint, none, route } from "@/server/rest";
import { longRead } from "@/server/services/rate-limits";
import { previewPolicy } from "@/server/services/schedules";
import { policiesPreview, policiesPreviewInput } from "@/server/services/schedules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/retention-policies/preview", {
  POST: endpoint({
    summary: "Preview what the next scheduled cleanup would delete with other retentions.",
    permission: "cleanup",
    params: none,
    query: none,
    body: policiesPreviewInput,
    answers: { 200: policiesPreview },
    handle: ({ ctx, principal, body }) =>
      longRead(principal, async () => ({
        policies: await Promise.all(body.policies.map((policy) => previewPolicy(ctx, policy))),
      })),
  }),
});
