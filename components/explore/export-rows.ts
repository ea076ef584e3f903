import { formatTime } from "../ui/time";
import type { ExploreQuestion } from "./state";
import type { ExploreAnswer, ExploreValue } from "./types";

/** An answer as it is saved in files: the names of its columns, and its rows with the others and the total. */
export interface ExportedAnswer {
  readonly columns: readonly { readonly name: string; readonly type: ExploreAnswer["columns"][number]["type"] }[];
  readonly rows: readonly (readonly ExploreValue[])[];
}

/** @param names of the rows of the others and of the total */
export function exportedAnswer(
  question: ExploreQuestion,
  answer: ExploreAnswer,
  names: { readonly others: string; readonly total: string },
): ExportedAnswer {
  const { columns, rows, others, others_by_time, totals, interval } = answer;
  const lead = columns.filter(({ role }) => role === "time" || role === "group").length;
  const nulls = (count: number): null[] => Array.from({ length: Math.max(0, count) }, () => null);
  const last = (name: string, values: readonly ExploreValue[]) => [
    ...(lead > 0 ? [name, ...nulls(lead - 1)] : []),
    ...values,
  ];
  const hasTotal = question.groups.length > 0 || interval !== null;
  return {
    columns: columns.map(({ name, type, role }) => ({ name: role === "before" ? `${name} before` : name, type })),
    rows: [
      ...rows,
      ...(others_by_time ?? []).map(([time = null, ...values]) => [time, names.others, ...nulls(lead - 2), ...values]),
      ...(others && interval === null ? [last(names.others, others)] : []),
      ...(hasTotal ? [last(names.total, totals)] : []),
    ],
  };
}

/** As in exports of log rows (server/lib/formula-guard.ts): a spreadsheet must not run a text as a formula. */
function guardFormula(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** Returns the cells of a CSV file, the names of the columns first. */
export function csvCells({ columns, rows }: ExportedAnswer, timeZone: string): ExploreValue[][] {
  const cell = (value: ExploreValue, index: number): ExploreValue => {
    if (typeof value !== "string") return value;
    const type = columns[index]?.type;
    if (type === "time") return formatTime(value, timeZone);
    return type === "text" ? guardFormula(value) : value;
  };
  return [columns.map(({ name }) => guardFormula(name)), ...rows.map((row) => row.map(cell))];
}
