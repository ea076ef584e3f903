import { endpoint, none, route, unread } from "@/server/rest";
import { listMappings } from "@/server/services/mappings";
import { mappingList } from "@/server/services/mappings/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/mappings", {
  GET: endpoint({
    summary: "List the named mappings and the presets.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: mappingList },
    handle: ({ ctx }) => listMappings(ctx),
  }),
});
