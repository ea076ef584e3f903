import { Cron } from "croner";

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

/** The reason why a text is not a valid cron expression. */
export type CronProblem =
  | { readonly kind: "fields"; readonly count: number }
  /** A date that does not exist, such as 31 February. */
  | { readonly kind: "never" }
  | {
      /** `range`: a number outside the field's range; `order`: a range whose end is before its start. */
      readonly kind: PartProblem;
      readonly field: CronField["name"];
      readonly text: string;
      /** The bounds of the field's values, or of its step if the kind is `step`. */
      readonly min: number;
      readonly max: number;
    };

type PartProblem = "unreadable" | "range" | "order" | "step";

/**
 * Validates a cron expression of five fields with numbers, `*`, ranges, lists and steps. @returns null if it is valid
 */
export function cronProblem(text: string): CronProblem | null {
  const fields = text.trim() === "" ? [] : text.trim().split(/ +/);
  if (fields.length !== CRON_FIELDS.length) return { kind: "fields", count: fields.length };
  for (const [index, field] of CRON_FIELDS.entries()) {
    const whole = fields[index] ?? "";
    for (const part of whole.split(",")) {
      const kind = partProblem(part, field);
      if (kind === null) continue;
      const [min, max] = kind === "step" ? [1, field.maxStep] : [field.min, field.max];
      // An empty list item has no text to show.
      return { kind, field: field.name, text: part || whole, min, max };
    }
  }
  return readSchedule({ cron: text.trim(), timeZone: "UTC" }).nextRun() === null ? { kind: "never" } : null;
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
