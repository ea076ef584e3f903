import { endpoint, none, route, unread } from "@/server/rest";
import { jobReader } from "@/server/services/jobs";
import { jobPage, jobsQuery } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/jobs", {
  GET: endpoint({
    summary: "List jobs, newest first.",
    permission: "read",
    params: none,
    query: jobsQuery,
    body: unread,
    answers: { 200: jobPage },
    handle: ({ ctx, principal, query }) => jobReader(ctx, principal).list(query),
  }),
});
