import type { Transaction } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Schedule } from "@/server/lib/cron";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { insertJob } from "@/server/services/jobs";
import { TASK_NAMES, type TaskName } from "./contract";
import { MAX_MISSED, nextDue, overdue } from "./cron";
import { defaultSchedule, isTaskName } from "./tasks";

/** A run that starts with a longer delay counts as missed, and is caught up. */
const ON_TIME_MS = 60_000;

interface PlanRow {
  readonly name: TaskName;
  readonly schedule: string | null;
  readonly enabled: boolean;
  readonly planned_from: string | null;
  readonly next_run_at: string | null;
}

const schedulePrincipal = (name: TaskName): Principal => ({
  kind: "system",
  id: `schedule:${name}`,
  name: "schedule",
  role: "admin",
});

/** The effective schedule: an administrator's change, or the configuration. */
export function scheduleOf(ctx: Context, task: { name: TaskName; schedule: string | null }): Schedule {
  return { cron: task.schedule ?? defaultSchedule(ctx, task.name), timeZone: ctx.config.timeZone };
}

/** Identifies a schedule, to detect changes. */
export function planText({ cron, timeZone }: Schedule): string {
  return `${cron}|${timeZone}`;
}

/**
 * Plans the next run of each task without one, or whose configured schedule or time zone changed. Overdue runs remain,
 * to be caught up.
 */
export async function planTasks(ctx: Context): Promise<void> {
  const { sql } = ctx.db;
  await sql`
    insert into scheduled_tasks (name) select unnest(${[...TASK_NAMES]}::text[]) on conflict do nothing`;
  for (const name of TASK_NAMES) {
    await sql.begin(async (tx) => {
      const task = await lockTask(tx, name);
      const schedule = task && scheduleOf(ctx, task);
      if (!schedule || !task.enabled || task.planned_from === planText(schedule)) return;
      const now = ctx.now();
      const isOverdue = task.next_run_at !== null && readTime(task.next_run_at) <= now;
      const next = isOverdue ? task.next_run_at : (nextDue(schedule, now)?.toISOString() ?? null);
      await tx`
        update scheduled_tasks
        set planned_from = ${planText(schedule)}, next_run_at = ${next}
        where name = ${name}`;
    });
  }
}

/**
 * Starts the due tasks: each as a job, in the transaction that plans its next run, so that a run is neither duplicated
 * by concurrent workers nor lost in a crash. A task whose previous run is still running is skipped and counted as
 * missed.
 * @returns the names of the started tasks
 */
export async function startDueTasks(ctx: Context): Promise<TaskName[]> {
  const due = await ctx.db.sql<{ name: string }[]>`
    select name from scheduled_tasks where enabled and next_run_at <= ${ctx.now().toISOString()}`;
  const started: TaskName[] = [];
  for (const { name } of due) {
    if (isTaskName(name) && (await ctx.db.sql.begin((tx) => startIfDue(ctx, tx, name)))) started.push(name);
  }
  return started;
}

async function startIfDue(ctx: Context, tx: Transaction, name: TaskName): Promise<boolean> {
  const task = await lockTask(tx, name);
  const now = ctx.now();
  const first = task?.next_run_at ? readTime(task.next_run_at) : null;
  if (!task?.enabled || !first || first > now) return false;
  const { latest, count, next } = overdue(scheduleOf(ctx, task), first, now);
  await tx`
    update scheduled_tasks set next_run_at = ${next?.toISOString() ?? null} where name = ${name}`;
  const isLate = now.getTime() - latest.getTime() > ON_TIME_MS;
  // A run that starts on time is not missed. MAX_MISSED means that many or more.
  const missed = isLate || count === MAX_MISSED ? count : count - 1;
  try {
    const trigger = isLate ? "catch_up" : "schedule";
    await insertRun(tx, { name, dueAt: latest, trigger, missed }, schedulePrincipal(name));
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== "CONFLICT") throw error;
    const running = error.code === "job.busy" ? String(error.params.job) : null;
    await tx`update scheduled_task_runs set missed = missed + ${count} where job_id = ${running}`;
    ctx.log.warn({ task: name }, "scheduled task skipped: its previous run is still running");
    return false;
  }
}

/**
 * Starts `name` now, outside its schedule.
 * @returns the job's id.
 * @throws AppError CONFLICT while a run is in progress
 */
export async function runTaskNow(ctx: Context, name: TaskName, principal: Principal): Promise<{ job_id: string }> {
  return ctx.db.sql.begin(async (tx) => {
    const job_id = await insertRun(tx, { name, dueAt: ctx.now(), trigger: "manual", missed: 0 }, principal);
    await recordAudit(ctx, principal, "task.run", { task: name, job_id }, tx);
    return { job_id };
  });
}

async function insertRun(
  tx: Transaction,
  run: { name: TaskName; dueAt: Date; trigger: "schedule" | "catch_up" | "manual"; missed: number },
  principal: Principal,
): Promise<string> {
  const exclusiveKey = `task:${run.name}`;
  const { id } = await insertJob(tx, "scheduled_task", { task: run.name }, { principal, exclusiveKey });
  await tx`
    insert into scheduled_task_runs (task, due_at, trigger, missed, job_id)
    values (${run.name}, ${run.dueAt.toISOString()}, ${run.trigger}, ${run.missed}, ${id})`;
  return id;
}

/** Locks the task's row until the transaction ends. */
export async function lockTask(tx: Transaction, name: TaskName): Promise<PlanRow | undefined> {
  const [task] = await tx<PlanRow[]>`
    select name, schedule, enabled, planned_from, next_run_at
    from scheduled_tasks
    where name = ${name}
    for update`;
  return task;
}

/** Converts a time to the millisecond resolution of schedules. */
export function readTime(text: string): Date {
  return new Date(toIsoMicroseconds(text));
}
