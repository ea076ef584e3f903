import { endpoint, none, route, unread } from "@/server/rest";
import { taskReader } from "@/server/services/schedules";
import { scheduledTasks } from "@/server/services/schedules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/scheduled-tasks/status", {
  GET: endpoint({
    summary: "List scheduled tasks with their next run and last result.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: scheduledTasks },
    handle: ({ ctx, principal }) => taskReader(ctx, principal).status(),
  }),
});
