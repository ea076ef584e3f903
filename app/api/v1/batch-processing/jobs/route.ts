import { endpoint, none, route, unread, withErrorTextIfAny } from "@/server/rest";
import { jobReader } from "@/server/services/jobs";
import { jobPageAnswer, jobsQuery } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/jobs", {
  GET: endpoint({
    summary: "List jobs, newest first.",
    permission: "read",
    params: none,
    query: jobsQuery,
    body: unread,
    answers: { 200: jobPageAnswer },
    handle: async ({ ctx, principal, query, locale }) => {
      const page = await jobReader(ctx, principal).list(query);
      return { ...page, items: page.items.map((job) => withErrorTextIfAny(job, locale)) };
    },
  }),
});
