/** The five fields of a cron expression and what may stand in each; 0 and 7 are both Sunday. */
const CRON_FIELDS = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day", least: 1, most: 31 },
  { name: "month", least: 1, most: 12 },
  { name: "weekday", least: 0, most: 7 },
] as const;

type CronField = (typeof CRON_FIELDS)[number];

/** Why a text is no cron expression. */
export type CronProblem =
  | { readonly kind: "fields"; readonly count: number }
  | {
      /** `range`: a number that the field does not have; `order`: a range that ends before it begins. */
      readonly kind: "unreadable" | "range" | "order" | "step";
      readonly field: CronField["name"];
      readonly text: string;
      readonly least: number;
      readonly most: number;
    };

/** What is wrong with `text` as five fields of numbers, `*`, ranges, lists and steps; null when nothing is. */
export function cronProblem(text: string): CronProblem | null {
  const fields = text.trim() === "" ? [] : text.trim().split(/ +/);
  if (fields.length !== CRON_FIELDS.length) return { kind: "fields", count: fields.length };
  for (const [index, field] of CRON_FIELDS.entries()) {
    for (const part of fields[index]?.split(",") ?? []) {
      const kind = partProblem(part, field);
      if (kind !== null) return { kind, field: field.name, text: part, least: field.least, most: field.most };
    }
  }
  return null;
}

function partProblem(part: string, { least, most }: CronField): "unreadable" | "range" | "order" | "step" | null {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (!match) return "unreadable";
  const from = Number(match[1] ?? least);
  const to = Number(match[2] ?? match[1] ?? most);
  if (from < least || from > most || to > most) return "range";
  if (from > to) return "order";
  return Number(match[3] ?? 1) > 0 ? null : "step";
}
