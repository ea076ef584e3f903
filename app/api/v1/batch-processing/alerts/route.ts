import { endpoint, none, route, unread } from "@/server/rest";
import { listAlerts } from "@/server/services/alerts";
import { alertPage, alertsQuery } from "@/server/services/alerts/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/alerts", {
  GET: endpoint({
    summary: "List alerts, newest first.",
    permission: "read",
    params: none,
    query: alertsQuery,
    body: unread,
    answers: { 200: alertPage },
    errors: ["BAD_REQUEST"],
    handle: ({ ctx, query, locale }) => listAlerts(ctx, query, locale),
  }),
});
