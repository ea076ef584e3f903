import type { Preview } from "./cleanup-choice";

type Month = Preview["months"][number];

/** The minimum height of a month with rows, as a share of the highest bar, so that it is visible. */
const MIN_SHARE = 0.02;

/** Returns the months with rows, with the bar heights of the deleted and kept rows. */
export function drawnMonths(months: readonly Month[]): (Month & { deletedHeight: number; keptHeight: number })[] {
  const withRows = months.filter((month) => month.matched_count + month.kept_count > 0);
  const max = Math.max(0, ...withRows.map((month) => month.matched_count + month.kept_count));
  const height = (rows: number) => (rows === 0 ? 0 : Math.max(rows, max * MIN_SHARE));
  return withRows.map((month) => ({
    ...month,
    deletedHeight: height(month.matched_count),
    keptHeight: height(month.kept_count),
  }));
}
