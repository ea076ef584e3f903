import { z } from "zod";
import { endpoint, none, pageSize, route, unread } from "@/server/rest";
import { alertsAnswer } from "@/server/rest/answers";
import { ALERT_STATES, listAlerts } from "@/server/services/alerts";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/alerts", {
  GET: endpoint({
    summary: "List alerts, the newest first.",
    permission: "read",
    params: none,
    query: ({ config }) =>
      z.strictObject({
        state: z
          .enum([...ALERT_STATES, "open"])
          .optional()
          .describe("`open` is firing and acknowledged"),
        limit: pageSize(config),
        cursor: z.string().optional(),
      }),
    body: unread,
    answers: { 200: alertsAnswer },
    errors: ["BAD_REQUEST"],
    handle: ({ ctx, query }) => listAlerts(ctx, query),
  }),
});
