import { endpoint, noBody, none, route } from "@/server/rest";
import { acknowledgeAlert } from "@/server/services/alerts";
import { alert, alertKey } from "@/server/services/alerts/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/alerts/{id}/acknowledge", {
  POST: endpoint({
    summary: "Acknowledge an alert. Notifications are muted until it resolves.",
    permission: "alerts.acknowledge",
    audit: "alert.acknowledge",
    params: alertKey,
    query: none,
    body: noBody,
    answers: { 200: alert },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params, locale }) => acknowledgeAlert(ctx, params.id, principal, locale),
  }),
});
