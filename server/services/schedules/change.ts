import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { TaskChange, TaskName } from "./contract";
import { lockTask, planText, readTime, scheduleOf } from "./plan";
import { firstDue } from "./preview-schedule";

/**
 * Changes the schedule of a task, or enables or disables it. An overdue run is still caught up, except that of a
 * disabled task.
 * @throws AppError UNPROCESSABLE for a schedule that is invalid or never due
 */
export async function changeTask(
  ctx: Context,
  name: TaskName,
  change: TaskChange,
  principal: Principal,
): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const task = await lockTask(tx, name);
    if (!task) throw new AppError("schedule.not_found", {});
    const { enabled = task.enabled } = change;
    const schedule = change.schedule === undefined ? task.schedule : (change.schedule?.trim() ?? null);
    const planned = scheduleOf(ctx, { name, schedule });
    const now = ctx.now();
    const next = firstDue(planned, now);
    // An overdue run is still caught up, unless the task was disabled.
    const isOverdue = task.enabled && task.next_run_at !== null && readTime(task.next_run_at) <= now;
    await tx`
      update scheduled_tasks
      set
        enabled = ${enabled},
        schedule = ${schedule},
        planned_from = ${planText(planned)},
        next_run_at = case when not ${enabled} then null when ${isOverdue} then next_run_at else ${next.toISOString()} end,
        changed_at = now(),
        changed_by = ${principal.name}
      where name = ${name}`;
    await recordAudit(ctx, principal, "task.change", { task: name, ...change }, tx);
  });
}
