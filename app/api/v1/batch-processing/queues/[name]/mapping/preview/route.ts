import { endpoint, none, route, withErrorTextIfAny } from "@/server/rest";
import { previewQueueMapping } from "@/server/services/queues";
import { mappingPreviewQuery, queueKey, waitingEventsAnswer } from "@/server/services/queues/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/queues/{name}/mapping/preview", {
  POST: endpoint({
    summary: "Return the next waiting events of a queue as a mapping would read them, without taking them.",
    permission: "queues.mapping",
    params: queueKey,
    query: none,
    body: mappingPreviewQuery,
    answers: { 200: waitingEventsAnswer },
    handle: async ({ ctx, principal, params: { name }, body: { map, limit }, locale }) => {
      const waiting = await previewQueueMapping(ctx, principal, name, map, limit);
      return { ...waiting, items: waiting.items.map((item) => withErrorTextIfAny(item, locale)) };
    },
  }),
});
