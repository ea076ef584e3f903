import { z } from "zod";
import { endpoint, none, pageSize, route, unread } from "@/server/rest";
import { jobsAnswer } from "@/server/rest/answers";
import { JOB_KINDS, JOB_STATUSES, jobReader } from "@/server/services/jobs";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/jobs", {
  GET: endpoint({
    summary: "List jobs, the newest first.",
    permission: "read",
    params: none,
    query: ({ config }) =>
      z.strictObject({
        kind: z.enum(JOB_KINDS).optional(),
        status: z.enum(JOB_STATUSES).optional(),
        limit: pageSize(config),
        cursor: z.string().optional(),
      }),
    body: unread,
    answers: { 200: jobsAnswer },
    handle: ({ ctx, principal, query }) => jobReader(ctx, principal).list(query),
  }),
});
