import type { Context } from "@/server/context";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { ALIVE_SECONDS } from "@/server/services/batch-data-processor";
import type { JobResult, JobStatus } from "@/server/services/jobs";
import type { Instant } from "@/server/time";
import { overdue } from "./cron";
import { scheduleOf } from "./plan";
import { TASK_NAMES, type TaskName } from "./tasks";

const MISSED_DAYS = 7;

export interface TaskRun {
  readonly job_id: string;
  readonly trigger: "schedule" | "catch_up" | "manual";
  readonly requested_by: string;
  readonly due_at: Instant;
  readonly status: JobStatus;
  readonly started_at: Instant | null;
  readonly finished_at: Instant | null;
  readonly duration_ms: number | null;
  readonly result: JobResult | null;
  readonly error: string | null;
}

export interface TaskStatus {
  readonly name: TaskName;
  readonly schedule: string;
  /** Whether an administrator set it, instead of the configuration. */
  readonly schedule_is_changed: boolean;
  readonly enabled: boolean;
  readonly next_run_at: Instant | null;
  readonly last_run: TaskRun | null;
  /** Due times of the last 7 days at which nobody was there to run it. */
  readonly missed_runs: number;
}

export interface ScheduledTasks {
  /** Whether a worker is alive to keep the schedules. */
  readonly running: boolean;
  readonly timezone: string;
  readonly tasks: TaskStatus[];
}

interface RunRow extends Omit<TaskRun, "duration_ms"> {
  readonly duration_ms: string | null;
}

/** Every scheduled task: when it runs next, how the last run went and what was missed. */
export async function scheduledTasksStatus(ctx: Context): Promise<ScheduledTasks> {
  const { sql } = ctx.db;
  const [alive, rows, missed, runs] = await Promise.all([
    sql`select 1 from workers where last_seen_at > now() - make_interval(secs => ${ALIVE_SECONDS}) limit 1`,
    sql<{ name: string; schedule: string | null; enabled: boolean; next_run_at: string | null }[]>`
      select name, schedule, enabled, next_run_at from scheduled_tasks`,
    sql<{ task: string; missed: number }[]>`
      select task, sum(missed)::int as missed
      from scheduled_task_runs
      where due_at > ${ctx.now().toISOString()}::timestamptz - make_interval(days => ${MISSED_DAYS})
      group by task`,
    Promise.all(TASK_NAMES.map(async (name) => (await taskRuns(ctx, name, 1))[0] ?? null)),
  ]);
  const tasks = TASK_NAMES.map((name, index): TaskStatus => {
    const row = rows.find((one) => one.name === name) ?? { schedule: null, enabled: true, next_run_at: null };
    const schedule = scheduleOf(ctx, { name, schedule: row.schedule });
    const next = row.next_run_at === null ? null : toIsoMicroseconds(row.next_run_at);
    const isOverdue = next !== null && Date.parse(next) <= ctx.now().getTime() && alive.count === 0;
    const waiting = isOverdue ? overdue(schedule, new Date(next), ctx.now()).count : 0;
    return {
      name,
      schedule: schedule.cron,
      schedule_is_changed: row.schedule !== null,
      enabled: row.enabled,
      next_run_at: next,
      last_run: runs[index] ?? null,
      missed_runs: (missed.find((one) => one.task === name)?.missed ?? 0) + waiting,
    };
  });
  return { running: alive.count > 0, timezone: ctx.config.timeZone, tasks };
}

/** The latest runs of a task, the newest first. */
export async function taskRuns(ctx: Context, name: TaskName, limit: number): Promise<TaskRun[]> {
  const rows = await ctx.db.sql<RunRow[]>`
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
  return rows.map((row) => ({
    ...row,
    due_at: toIsoMicroseconds(row.due_at),
    started_at: row.started_at && toIsoMicroseconds(row.started_at),
    finished_at: row.finished_at && toIsoMicroseconds(row.finished_at),
    duration_ms: row.duration_ms === null ? null : Number(row.duration_ms),
  }));
}
