import type { Context } from "@/server/context";
import { KEPT_DAYS } from "../measures/roll-up";
import { type Range, type Step, stepOf } from "./periods";

const DAY_MS = 86_400_000;

/** The grain of measures that a chart of `step` is made of. */
export function grainOf(step: Step): keyof typeof KEPT_DAYS {
  return step === "slot" ? "minute" : step;
}

/** The step of a chart over `range`, or a coarser one where the measures of that are forgotten already. */
export function keptStep({ now }: Context, range: Range): Step {
  const step = stepOf(range);
  const age = (now().getTime() - Date.parse(range.start)) / DAY_MS;
  if (age > KEPT_DAYS.hour) return "day";
  return grainOf(step) === "minute" && age > KEPT_DAYS.minute ? "hour" : step;
}
