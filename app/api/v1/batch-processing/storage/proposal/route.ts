import { endpoint, none, route, unread } from "@/server/rest";
import { proposeRemoval } from "@/server/services/storage";
import { proposal, proposalQuery } from "@/server/services/storage/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/storage/proposal", {
  GET: endpoint({
    summary: "Propose exports, months and archives to remove to free space. Removes nothing.",
    permission: "cleanup",
    params: none,
    query: proposalQuery,
    body: unread,
    answers: { 200: proposal },
    handle: ({ ctx, query }) => proposeRemoval(ctx, query),
  }),
});
