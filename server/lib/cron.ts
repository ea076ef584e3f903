import { Cron } from "croner";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";

/** A cron expression in a time zone. */
export interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
}

/**
 * The fields of a cron expression and their ranges. 0 and 7 are both Sunday, so the step of the weekday may be up to 7.
 */
const CRON_FIELDS = [
  { name: "minute", min: 0, max: 59, maxStep: 60 },
  { name: "hour", min: 0, max: 23, maxStep: 24 },
  { name: "day", min: 1, max: 31, maxStep: 31 },
  { name: "month", min: 1, max: 12, maxStep: 12 },
  { name: "weekday", min: 0, max: 7, maxStep: 7 },
] as const;

type CronField = (typeof CRON_FIELDS)[number];

/** `range`: a number outside the range of its field; `order`: a range whose end is before its start. */
type PartProblem = "unreadable" | "range" | "order" | "step";

/**
 * Validates a cron expression of five fields with numbers, `*`, ranges, lists and steps. @returns null if it is valid
 */
export function cronProblem(text: string): ErrorValue | null {
  const fields = text.trim() === "" ? [] : text.trim().split(/ +/);
  if (fields.length !== CRON_FIELDS.length) return errorValue("input.cron_fields", { count: fields.length });
  for (const [index, field] of CRON_FIELDS.entries()) {
    const whole = fields[index] ?? "";
    for (const part of whole.split(",")) {
      const problem = partProblem(part, field);
      // An empty list item has no text to show.
      if (problem !== null) return problemValue(problem, field, part || whole);
    }
  }
  const next = readSchedule({ cron: text.trim(), timeZone: "UTC" }).nextRun();
  return next === null ? errorValue("input.cron_never", {}) : null;
}

function problemValue(problem: PartProblem, { name: field, min, max, maxStep }: CronField, text: string): ErrorValue {
  if (problem === "range") return errorValue("input.cron_range", { field, text, min, max });
  if (problem === "step") return errorValue("input.cron_step", { field, text, min: 1, max: maxStep });
  return errorValue(`input.cron_${problem}`, { field, text });
}

/** Returns the schedule of a valid expression. */
export function readSchedule({ cron, timeZone }: Schedule): Cron {
  // sloppyRanges also accepts `5/15`: from 5 in steps of 15.
  return new Cron(cron, { timezone: timeZone, paused: true, sloppyRanges: true });
}

function partProblem(part: string, { min, max, maxStep }: CronField): PartProblem | null {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (!match) return "unreadable";
  const from = Number(match[1] ?? min);
  const to = Number(match[2] ?? match[1] ?? max);
  if (from < min || from > max || to > max) return "range";
  if (from > to) return "order";
  const step = Number(match[3] ?? 1);
  return step >= 1 && step <= maxStep ? null : "step";
}
