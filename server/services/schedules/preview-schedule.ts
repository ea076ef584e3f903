import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { type CronProblem, cronProblem, type Schedule } from "@/server/lib/cron";
import { invalidInput } from "@/server/lib/errors";
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
  throw invalidInput([{ path: "schedule", ...valueOfProblem(problem ?? { kind: "never" }) }]);
}

function valueOfProblem(problem: CronProblem): ErrorValue {
  switch (problem.kind) {
    case "fields":
      return errorValue("input.cron_fields", { count: problem.count });
    case "never":
      return errorValue("input.cron_never", {});
    case "range":
    case "step": {
      const { kind, field, text, min, max } = problem;
      return errorValue(`input.cron_${kind}`, { field, text, min, max });
    }
    case "order":
    case "unreadable":
      return errorValue(`input.cron_${problem.kind}`, { field: problem.field, text: problem.text });
  }
}
