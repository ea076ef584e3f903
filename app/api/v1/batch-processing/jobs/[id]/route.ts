import { cancelResponse, endpoint, noBody, none, route, unread, withErrorTextIfAny } from "@/server/rest";
import { jobReader } from "@/server/services/jobs";
import { jobAnswer, jobAnswers, jobKey } from "@/server/services/jobs/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/jobs/{id}", {
  GET: endpoint({
    summary: "Get a job.",
    permission: "read",
    params: jobKey,
    query: none,
    body: unread,
    answers: { 200: jobAnswer },
    handle: async ({ ctx, principal, params: { id }, locale }) =>
      withErrorTextIfAny(await jobReader(ctx, principal).get(id), locale),
  }),
  DELETE: endpoint({
    summary: "Cancel a job and wait for its end. Jobs of others require the admin role. 409: it had already finished.",
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
