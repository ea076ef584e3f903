import { endpoint, jobResponse, noBody, none, route } from "@/server/rest";
import { jobAnswers } from "@/server/services/jobs/contract";
import { runTaskNow } from "@/server/services/schedules";
import { taskKey } from "@/server/services/schedules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/scheduled-tasks/{name}/run", {
  POST: endpoint({
    summary: "Run a scheduled task now, outside its schedule, and wait for its result.",
    permission: "scheduled-tasks",
    audit: "task.run",
    params: taskKey,
    query: none,
    body: noBody,
    answers: jobAnswers,
    errors: ["CONFLICT"],
    handle: async ({ ctx, request, principal, params: { name } }) =>
      jobResponse(ctx, request, await runTaskNow(ctx, name, principal)),
  }),
});
