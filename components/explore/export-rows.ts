import { formatTime } from "../ui/time";
import type { ExploreQuestion } from "./state";
import type { ExploreAnswer, ExploreValue } from "./types";

/** As in exports of log rows (server/lib/formula-guard.ts): a spreadsheet must not run a text as a formula. */
function guardFormula(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

type Cell = string | number | boolean | null;

/**
 * Returns an answer as rows of cells, first the names of its columns, last the others and the total.
 * @param names of the last two rows
 */
export function exportRows(
  question: ExploreQuestion,
  answer: ExploreAnswer,
  timeZone: string,
  names: { readonly others: string; readonly total: string },
): Cell[][] {
  const { columns } = answer;
  const cell = (value: ExploreValue, index: number): Cell => {
    if (typeof value !== "string") return value;
    const type = columns[index]?.type;
    if (type === "time") return formatTime(value, timeZone);
    return type === "text" ? guardFormula(value) : value;
  };
  const lead = columns.filter(({ role }) => role === "time" || role === "group").length;
  const last = (name: string, values: readonly ExploreValue[]): Cell[] => [
    ...Array.from({ length: lead }, (_, index) => (index === 0 ? name : null)),
    ...values.map((value, index) => cell(value, lead + index)),
  ];
  const isGrouped = question.groups.length > 0;
  return [
    columns.map(({ name, role }) => guardFormula(role === "before" ? `${name} before` : name)),
    ...answer.rows.map((row) => row.map(cell)),
    ...(answer.others_by_time ?? []).map(([time = null, ...values]) => [
      ...[cell(time, 0), names.others, ...Array.from({ length: Math.max(0, lead - 2) }, () => null)],
      ...values.map((value, index) => cell(value, lead + index)),
    ]),
    ...(answer.others && answer.interval === null ? [last(names.others, answer.others)] : []),
    ...(isGrouped || answer.interval !== null ? [last(names.total, answer.totals)] : []),
  ];
}
