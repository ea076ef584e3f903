import type { Context } from "@/server/process/context";
import { RETENTION_DAYS } from "@/server/services/metrics";
import { STEPS, type Step } from "./contract";
import { grainOf, type Range, stepOf } from "./periods";

const DAY_MS = 86_400_000;

/** The step of a chart over `range`, or a coarser one where finer metrics have expired. */
export function availableStep({ now }: Context, range: Range): Step {
  const step = stepOf(range);
  const grain = grainOf(step);
  if (grain === "day") return step;
  const age = (now().getTime() - Date.parse(range.start)) / DAY_MS;
  if (age > RETENTION_DAYS.hour) return stepOf(range, STEPS.slice(STEPS.indexOf("day")));
  return age > RETENTION_DAYS[grain] ? stepOf(range, STEPS.slice(STEPS.indexOf("hour"))) : step;
}
