import { errorValue } from "@/server/catalog/errors";
import { cronProblem, type Schedule } from "@/server/lib/cron";
import { invalidInput } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Config } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import type { SchedulePreview } from "./contract";
import { nextDue } from "./cron";

const SHOWN = 3;

/** Returns the next due times of `cron`, or the reason why it is invalid. */
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

/** Returns the first due time. @throws AppError UNPROCESSABLE if there is none */
export function firstDue(schedule: Schedule, now: Date): Date {
  const problem = cronProblem(schedule.cron);
  const next = problem ? null : nextDue(schedule, now);
  if (next) return next;
  throw invalidInput([{ path: "schedule", ...(problem ?? errorValue("input.cron_never", {})) }]);
}
