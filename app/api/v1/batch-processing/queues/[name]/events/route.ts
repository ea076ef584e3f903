import { endpoint, route, unread, withErrorTextIfAny } from "@/server/rest";
import { peekQueue } from "@/server/services/queues";
import { peekQuery, queueKey, waitingEventsAnswer } from "@/server/services/queues/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/queues/{name}/events", {
  GET: endpoint({
    summary: "Return the next waiting events of a queue without taking them, and whether they will be stored.",
    permission: "read",
    params: queueKey,
    query: peekQuery,
    body: unread,
    answers: { 200: waitingEventsAnswer },
    handle: async ({ ctx, principal, params: { name }, query: { limit }, locale }) => {
      const waiting = await peekQueue(ctx, principal, name, limit);
      return { ...waiting, items: waiting.items.map((item) => withErrorTextIfAny(item, locale)) };
    },
  }),
});
