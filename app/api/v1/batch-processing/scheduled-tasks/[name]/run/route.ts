import { z } from "zod";
import { endpoint, jobResponse, noBody, none, route } from "@/server/rest";
import { jobAnswers } from "@/server/rest/answers";
import { runTaskNow, TASK_NAMES } from "@/server/services/schedules";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/scheduled-tasks/{name}/run", {
  POST: endpoint({
    summary: "Run a scheduled task now, beside its schedule, and wait for its end.",
    permission: "scheduled-tasks",
    audit: "task.run",
    params: z.object({ name: z.enum(TASK_NAMES) }),
    query: none,
    body: noBody,
    answers: jobAnswers,
    errors: ["CONFLICT"],
    handle: async ({ ctx, request, principal, params: { name } }) =>
      jobResponse(ctx, request, await runTaskNow(ctx, name, principal)),
  }),
});
