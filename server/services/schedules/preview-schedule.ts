import { type CronProblem, cronProblem, type Schedule } from "@/server/lib/cron";
import { AppError } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Config } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { nextDue } from "./cron";

const SHOWN = 3;

export interface SchedulePreview {
  readonly problem: CronProblem | null;
  /** The next three due times. */
  readonly next: readonly Instant[];
}

/** The due times of `cron`, or why it is invalid. */
export function previewSchedule(
  ctx: { readonly config: Pick<Config, "timeZone">; readonly now: Context["now"] },
  cron: string,
): SchedulePreview {
  const schedule = { cron: cron.trim(), timeZone: ctx.config.timeZone };
  const problem = cronProblem(schedule.cron);
  if (problem) return { problem, next: [] };
  const next: Instant[] = [];
  for (let at = nextDue(schedule, ctx.now()); at && next.length < SHOWN; at = nextDue(schedule, at)) {
    next.push(instantOf(at));
  }
  return { problem: null, next };
}

/** @throws AppError UNPROCESSABLE with the reason when there are none */
export function firstDue(schedule: Schedule, now: Date): Date {
  const problem = cronProblem(schedule.cron);
  const next = problem ? null : nextDue(schedule, now);
  if (next) return next;
  const message = messageOf(problem ?? { kind: "never" });
  throw new AppError("UNPROCESSABLE", `schedule: ${message}.`, { errors: [{ path: "schedule", message }] });
}

function messageOf(problem: CronProblem): string {
  switch (problem.kind) {
    case "fields":
      return `${problem.count} fields instead of five: minute, hour, day, month, day of the week`;
    case "never":
      return "a day that never comes";
    case "range":
      return `the ${problem.field} ${problem.text} is not within ${problem.least} to ${problem.most}`;
    case "order":
      return `the ${problem.field} ${problem.text} ends before it begins`;
    case "step":
      return `the ${problem.field} ${problem.text} has a step that is not within ${problem.least} to ${problem.most}`;
    case "unreadable":
      return `the ${problem.field} ${problem.text} is no number, *, range, list or step`;
  }
}
