import { z } from "zod";
import { endpoint, jobResponse, noBody, none, route, unread } from "@/server/rest";
import { jobAnswer, jobAnswers } from "@/server/rest/answers";
import { cancelJob, jobReader } from "@/server/services/jobs";

const params = z.object({ id: z.guid() });

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/jobs/{id}", {
  GET: endpoint({
    summary: "Show a job.",
    permission: "read",
    params,
    query: none,
    body: unread,
    answers: { 200: jobAnswer },
    handle: ({ ctx, principal, params: { id } }) => jobReader(ctx, principal).get(id),
  }),
  DELETE: endpoint({
    summary: "Cancel a job, one's own unless an administrator asks, and wait for its end.",
    permission: "jobs.cancel",
    audit: "job.cancel",
    params,
    query: none,
    body: noBody,
    answers: jobAnswers,
    errors: ["CONFLICT"],
    handle: async ({ ctx, request, principal, params: { id } }) =>
      jobResponse(ctx, request, await cancelJob(ctx, id, principal)),
  }),
});
