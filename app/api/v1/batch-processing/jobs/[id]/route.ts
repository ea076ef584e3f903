import { cancelResponse, endpoint, noBody, none, route, unread } from "@/server/rest";
import { jobReader } from "@/server/services/jobs";
import { job, jobAnswers, jobKey } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/jobs/{id}", {
  GET: endpoint({
    summary: "Show a job.",
    permission: "read",
    params: jobKey,
    query: none,
    body: unread,
    answers: { 200: job },
    handle: ({ ctx, principal, params: { id } }) => jobReader(ctx, principal).get(id),
  }),
  DELETE: endpoint({
    summary:
      "Cancel a job, one's own unless an administrator asks, and wait for its end. 409: it had finished already.",
    permission: "jobs.cancel",
    audit: "job.cancel",
    params: jobKey,
    query: none,
    body: noBody,
    answers: jobAnswers,
    errors: ["CONFLICT"],
    handle: ({ ctx, request, principal, params: { id } }) => cancelResponse(ctx, request, principal, id),
  }),
});
