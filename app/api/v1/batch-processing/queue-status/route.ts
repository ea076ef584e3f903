import { endpoint, none, route, unread } from "@/server/rest";
import { queueStatus } from "@/server/services/batch-data-processor";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: endpoint({
    permission: "read",
    params: none,
    query: none,
    body: unread,
    handle: ({ ctx }) => queueStatus(ctx),
  }),
});
