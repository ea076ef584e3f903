import type { Context, Principal } from "@/server/process/context";
import type { FilteredActivities } from "../contract";
import type { Range } from "../periods";
import { askingAbout } from "./asking";
import { frequentValues } from "./lists";

/**
 * Counts the activities that match filters, for which no counts are stored, and their distinct users.
 * @throws AppError as explore
 */
export async function filteredActivities(
  ctx: Context,
  principal: Principal,
  range: Range,
  filters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<FilteredActivities> {
  const rows = { table: "user_activities", range, filters } as const;
  const { step, interval, periods, ask } = await askingAbout(ctx, principal, rows, signal);
  const [figures, actions] = await Promise.all([
    ask({ measures: [{ fn: "count" }, { fn: "distinct", field: "user_id" }], interval }),
    frequentValues(ask, "action", [{ fn: "count" }]),
  ]);
  const figuresAt = new Map(figures.rows.map(([at, ...values]) => [at, values]));
  return {
    step,
    points: periods.map((period) => {
      const [activities = 0, users = 0] = figuresAt.get(period.at) ?? [];
      return { ...period, activities: Number(activities), users: Number(users) };
    }),
    actions,
  };
}
