import { parseErrorValue } from "@/server/catalog/errors";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Schedule } from "@/server/lib/cron";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { aliveWorkers } from "@/server/services/queues";
import { type ScheduledTasks, TASK_NAMES, type TaskName, type TaskRun, type TaskStatus, taskRun } from "./contract";
import { MAX_MISSED, nextDue, overdue } from "./cron";
import { scheduleOf } from "./plan";
import { defaultSchedule } from "./tasks";

const MISSED_DAYS = 7;

interface TaskRow {
  readonly name: string;
  readonly schedule: string | null;
  readonly enabled: boolean;
  readonly next_run_at: string | null;
  readonly changed_at: string;
  readonly succeeded_at: string | null;
  readonly first_due_at: string | null;
}

type RunRow = Omit<TaskRun, "duration_ms" | "task" | "result"> & {
  readonly duration_ms: string | null;
  readonly result: unknown;
};

/** Lists all scheduled tasks with their next run, last run and missed runs. */
export async function scheduledTasksStatus(ctx: Context): Promise<ScheduledTasks> {
  const sql = ctx.db.read.$client;
  const [alive, rows, missed, runs] = await Promise.all([
    aliveWorkers(sql),
    sql<TaskRow[]>`
      select name, schedule, enabled, next_run_at, changed_at, success.finished_at as succeeded_at, first.due_at as first_due_at
      from scheduled_tasks
      left join lateral (
        select jobs.finished_at
        from scheduled_task_runs
        join jobs on jobs.id = scheduled_task_runs.job_id
        where task = name and jobs.status = 'completed'
        order by due_at desc
        limit 1
      ) success on true
      left join lateral (
        select due_at from scheduled_task_runs where task = name order by due_at limit 1
      ) first on true`,
    sql<{ task: string; missed: number; is_exact: boolean }[]>`
      select task, sum(missed)::int as missed, max(missed) < ${MAX_MISSED} as is_exact
      from scheduled_task_runs
      where due_at > ${ctx.now().toISOString()}::timestamptz - make_interval(days => ${MISSED_DAYS})
      group by task`,
    Promise.all(TASK_NAMES.map(async (name) => (await taskRuns(ctx, name, 1))[0] ?? null)),
  ]);
  const tasks = TASK_NAMES.map((name, index): TaskStatus => {
    const row = rows.find((one) => one.name === name);
    const schedule = scheduleOf(ctx, { name, schedule: row?.schedule ?? null });
    const next = row?.next_run_at ? toIsoMicroseconds(row.next_run_at) : null;
    const isOverdue = next !== null && Date.parse(next) <= ctx.now().getTime() && alive.length === 0;
    const waiting = isOverdue ? overdue(schedule, new Date(next), ctx.now()).count : 0;
    const counted = missed.find((one) => one.task === name);
    return {
      name,
      schedule: schedule.cron,
      schedule_is_changed: row !== undefined && row.schedule !== null,
      default_schedule: defaultSchedule(ctx, name),
      enabled: row?.enabled ?? true,
      next_run_at: next,
      last_run: runs[index] ?? null,
      last_success_at: row?.succeeded_at ? toIsoMicroseconds(row.succeeded_at) : null,
      success_due_at: row ? successDueAt(schedule, row) : null,
      missed_runs: (counted?.missed ?? 0) + waiting,
      missed_runs_is_exact: (counted?.is_exact ?? true) && waiting < MAX_MISSED,
    };
  });
  return { running: alive.length > 0, timezone: ctx.config.timeZone, tasks };
}

function successDueAt(schedule: Schedule, { succeeded_at, first_due_at, changed_at }: TaskRow): Instant | null {
  if (succeeded_at === null && first_due_at !== null) return toIsoMicroseconds(first_due_at);
  const due = nextDue(schedule, new Date(succeeded_at ?? changed_at));
  return due && instantOf(due);
}

/** Lists the latest runs of a task, newest first. */
export async function taskRuns(ctx: Context, name: TaskName, limit: number): Promise<TaskRun[]> {
  const rows = await ctx.db.read.$client<RunRow[]>`
    select
      jobs.id as job_id,
      trigger,
      jobs.requested_by,
      due_at,
      jobs.status,
      jobs.started_at,
      jobs.finished_at,
      round(extract(epoch from jobs.finished_at - jobs.started_at) * 1000) as duration_ms,
      jobs.result,
      jobs.error
    from scheduled_task_runs
    join jobs on jobs.id = scheduled_task_runs.job_id
    where task = ${name}
    order by due_at desc
    limit ${limit}`;
  return rows.map((row) => {
    const run = {
      ...row,
      task: name,
      error: row.error && parseErrorValue(row.error),
      due_at: toIsoMicroseconds(row.due_at),
      started_at: row.started_at && toIsoMicroseconds(row.started_at),
      finished_at: row.finished_at && toIsoMicroseconds(row.finished_at),
      duration_ms: row.duration_ms === null ? null : Number(row.duration_ms),
    };
    const known = taskRun.safeParse(run);
    // A result that another version stored with another shape cannot be shown.
    return known.success ? known.data : taskRun.parse({ ...run, result: null });
  });
}
