import { Cron } from "croner";

/** A cron expression in a time zone. */
export interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
}

/** The five fields of a cron expression and what may stand in each; 0 and 7 are both Sunday, so that a week has 7 steps. */
const CRON_FIELDS = [
  { name: "minute", least: 0, most: 59, longestStep: 60 },
  { name: "hour", least: 0, most: 23, longestStep: 24 },
  { name: "day", least: 1, most: 31, longestStep: 31 },
  { name: "month", least: 1, most: 12, longestStep: 12 },
  { name: "weekday", least: 0, most: 7, longestStep: 7 },
] as const;

type CronField = (typeof CRON_FIELDS)[number];

/** Why a text is no cron expression. */
export type CronProblem =
  | { readonly kind: "fields"; readonly count: number }
  /** A day that never comes, such as 31 February. */
  | { readonly kind: "never" }
  | {
      /** `range`: a number that the field does not have; `order`: a range that ends before it begins. */
      readonly kind: PartProblem;
      readonly field: CronField["name"];
      readonly text: string;
      /** Of the numbers that the field has; of a `step`, of its length. */
      readonly least: number;
      readonly most: number;
    };

type PartProblem = "unreadable" | "range" | "order" | "step";

/** Why `text`, five fields of numbers, `*`, ranges, lists and steps, is no schedule; null when it is one. */
export function cronProblem(text: string): CronProblem | null {
  const fields = text.trim() === "" ? [] : text.trim().split(/ +/);
  if (fields.length !== CRON_FIELDS.length) return { kind: "fields", count: fields.length };
  for (const [index, field] of CRON_FIELDS.entries()) {
    const whole = fields[index] ?? "";
    for (const part of whole.split(",")) {
      const kind = partProblem(part, field);
      if (kind === null) continue;
      const [least, most] = kind === "step" ? [1, field.longestStep] : [field.least, field.most];
      // Between two commas there is nothing to show.
      return { kind, field: field.name, text: part || whole, least, most };
    }
  }
  return readSchedule({ cron: text.trim(), timeZone: "UTC" }).nextRun() === null ? { kind: "never" } : null;
}

/** A schedule whose expression has no problem. */
export function readSchedule({ cron, timeZone }: Schedule): Cron {
  // sloppyRanges: `5/15`, from 5 in steps of 15, which the configuration takes too.
  return new Cron(cron, { timezone: timeZone, paused: true, sloppyRanges: true });
}

function partProblem(part: string, { least, most, longestStep }: CronField): PartProblem | null {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (!match) return "unreadable";
  const from = Number(match[1] ?? least);
  const to = Number(match[2] ?? match[1] ?? most);
  if (from < least || from > most || to > most) return "range";
  if (from > to) return "order";
  const step = Number(match[3] ?? 1);
  return step >= 1 && step <= longestStep ? null : "step";
}
