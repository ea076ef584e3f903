import { endpoint, none, route, unread, withErrorTextIfAny } from "@/server/rest";
import { taskReader } from "@/server/services/schedules";
import { scheduledTasksAnswer } from "@/server/services/schedules/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/scheduled-tasks/status", {
  GET: endpoint({
    summary: "List scheduled tasks with their next run and last result.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: scheduledTasksAnswer },
    handle: async ({ ctx, principal, locale }) => {
      const status = await taskReader(ctx, principal).status();
      const tasks = status.tasks.map((task) => ({
        ...task,
        last_run: task.last_run && withErrorTextIfAny(task.last_run, locale),
      }));
      return { ...status, tasks };
    },
  }),
});
