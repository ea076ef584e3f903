import { z } from "zod";
import { endpoint, noBody, none, route } from "@/server/rest";
import { alertAnswer } from "@/server/rest/answers";
import { acknowledgeAlert } from "@/server/services/alerts";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/alerts/{id}/acknowledge", {
  POST: endpoint({
    summary: "Acknowledge an alert: it is not told again until it is over.",
    permission: "alerts.acknowledge",
    audit: "alert.acknowledge",
    params: z.object({ id: z.guid() }),
    query: none,
    body: noBody,
    answers: { 200: alertAnswer },
    errors: ["CONFLICT"],
    handle: ({ ctx, principal, params }) => acknowledgeAlert(ctx, params.id, principal),
  }),
});
