import { z } from "zod";
import { endpoint, none, route, withErrorTextIfAny } from "@/server/rest";
import { jobAnswer } from "@/server/services/jobs/contract";
import { startRestores } from "@/server/services/retention";
import { restoresInput } from "@/server/services/retention/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/archives/restore", {
  POST: endpoint({
    summary: "Restore several archives, or all rows of a period: one job for each table. Starts all or none.",
    permission: "restore",
    audit: "restore.start",
    params: none,
    query: none,
    body: restoresInput,
    answers: { 200: z.object({ jobs: z.array(jobAnswer) }) },
    errors: ["NOT_FOUND", "CONFLICT", "TOO_MANY_REQUESTS"],
    handle: async ({ ctx, principal, body, locale }) => {
      const jobs = await startRestores(ctx, principal, body);
      return { jobs: jobs.map((job) => withErrorTextIfAny(job, locale)) };
    },
  }),
});
