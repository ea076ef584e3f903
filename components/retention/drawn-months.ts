import type { Preview } from "./cleanup-choice";

type Month = Preview["months"][number];

/** Of the highest bar: what has any rows is at least so high, since a thousandth of it would be no pixel. */
const MIN_SHARE = 0.02;

/** The months that have rows, with how high to draw what goes and what stays of each, in rows. */
export function drawnMonths(months: readonly Month[]): (Month & { goes: number; stays: number })[] {
  const withRows = months.filter((month) => month.matched_count + month.kept_count > 0);
  const most = Math.max(0, ...withRows.map((month) => month.matched_count + month.kept_count));
  const height = (rows: number) => (rows === 0 ? 0 : Math.max(rows, most * MIN_SHARE));
  return withRows.map((month) => ({ ...month, goes: height(month.matched_count), stays: height(month.kept_count) }));
}
