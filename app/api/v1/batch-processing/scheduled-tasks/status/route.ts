import { endpoint, none, route, unread } from "@/server/rest";
import { scheduledTasksAnswer } from "@/server/rest/answers";
import { scheduledTasksStatus } from "@/server/services/schedules";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/scheduled-tasks/status", {
  GET: endpoint({
    summary: "Show every scheduled task: when it runs next and how its last run went.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: scheduledTasksAnswer },
    handle: ({ ctx }) => scheduledTasksStatus(ctx),
  }),
});
