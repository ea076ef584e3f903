import { endpoint, none, route, unread } from "@/server/rest";
import { getQueueMapping, setQueueMapping } from "@/server/services/queues";
import { queueKey, queueMapping, queueMappingChange } from "@/server/services/queues/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/queues/{name}/mapping", {
  GET: endpoint({
    summary: "Return the mapping that the events of a queue are read with, and its previous ones.",
    permission: "read",
    params: queueKey,
    query: none,
    body: unread,
    answers: { 200: queueMapping },
    handle: ({ ctx, params: { name } }) => getQueueMapping(ctx, name),
  }),
  PUT: endpoint({
    summary: "Change the mapping that the events of a queue are read with. Workers use it within seconds.",
    permission: "queues.mapping",
    audit: "queue.change-mapping",
    params: queueKey,
    query: none,
    body: queueMappingChange,
    answers: { 200: queueMapping },
    handle: ({ ctx, principal, params: { name }, body }) => setQueueMapping(ctx, principal, name, body.map),
  }),
});
