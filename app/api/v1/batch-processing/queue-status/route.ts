import { endpoint, none, route, unread } from "@/server/rest";
import { openAlerts } from "@/server/services/alerts";
import { queueStatus } from "@/server/services/queues";
import { queueStatusAnswer } from "@/server/services/queues/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/queue-status", {
  GET: endpoint({
    summary: "Get the status of the queues and their workers.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: queueStatusAnswer },
    handle: async ({ ctx, locale }) => {
      const [status, alerts] = await Promise.all([queueStatus(ctx), openAlerts(ctx, locale)]);
      return { ...status, alerts };
    },
  }),
});
