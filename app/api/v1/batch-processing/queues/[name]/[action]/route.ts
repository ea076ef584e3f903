import { endpoint, noBody, none, route } from "@/server/rest";
import { setQueuePaused } from "@/server/services/queues";
import { queueAction, queuePaused } from "@/server/services/queues/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/queues/{name}/{action}", {
  POST: endpoint({
    summary: "Pause or resume a queue.",
    permission: "queues.pause",
    audit: "queue.change",
    params: queueAction,
    query: none,
    body: noBody,
    answers: { 200: queuePaused },
    handle: async ({ ctx, principal, params }) => {
      const paused = params.action === "pause";
      await setQueuePaused(ctx, params.name, paused, principal);
      return { queue: params.name, paused };
    },
  }),
});
