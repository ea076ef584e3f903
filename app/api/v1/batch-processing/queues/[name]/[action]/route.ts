import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { endpoint, noBody, none, route } from "@/server/rest";
import { queuePausedAnswer } from "@/server/rest/answers";
import { setQueuePaused } from "@/server/services/queues";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/queues/{name}/{action}", {
  POST: endpoint({
    summary: "Stop or restart the draining of a queue.",
    permission: "queues.pause",
    audit: "queue.change",
    params: z.object({ name: z.enum(LOG_TABLE_NAMES), action: z.enum(["pause", "resume"]) }),
    query: none,
    body: noBody,
    answers: { 200: queuePausedAnswer },
    handle: async ({ ctx, principal, params }) => {
      const paused = params.action === "pause";
      await setQueuePaused(ctx, params.name, paused, principal);
      return { queue: params.name, paused };
    },
  }),
});
