import type postgres from "postgres";
import type { Context } from "@/server/process/context";

/** How many days each grain is kept. */
export const KEPT_DAYS = { minute: 2, slot: 2, hour: 90, day: 3 * 365 } as const;

/**
 * Adds minutes up to slots of five and to hours, and hours to days of APP_TIMEZONE, and forgets what is old. Whatever
 * is added up again gives the same, so that it does not matter when it is done, nor how often. The near reach is
 * longer than the hour for which missed minutes can still be made up for.
 * @param reach how far back: `far` makes up for a time in which nobody did it
 */
export async function rollUpMetrics(ctx: Context, reach: "near" | "far"): Promise<void> {
  const { timeZone } = ctx.config;
  await addUp(ctx, "minute", "slot", reach === "far" ? "46 hours" : "75 minutes", timeZone);
  await addUp(ctx, "minute", "hour", reach === "far" ? "46 hours" : "3 hours", timeZone);
  await addUp(ctx, "hour", "day", reach === "far" ? "88 days" : "2 days", timeZone);
  for (const [grain, days] of Object.entries(KEPT_DAYS)) {
    await ctx.db.sql`delete from measures where grain = ${grain} and at < now() - make_interval(days => ${days}::int)`;
  }
  await ctx.db.sql`delete from alerts where state = 'resolved' and resolved_at < now() - interval '180 days'`;
  await ctx.db.sql`
    delete from alert_deliveries where next_attempt_at is null and created_at < now() - interval '30 days'`;
}

/** @param since how far back; what is older has not changed */
async function addUp(
  ctx: Context,
  from: "minute" | "hour",
  to: "slot" | "hour" | "day",
  since: string,
  timeZone: string,
): Promise<void> {
  const { sql } = ctx.db;
  const periodOf = (at: postgres.Fragment) =>
    to === "slot" ? sql`date_bin('5 minutes', ${at}, '2000-01-01Z')` : sql`date_trunc(${to}, ${at}, ${timeZone})`;
  await sql`
    insert into measures as known (grain, at, name, label, count, sum, least, most)
    select ${to}, ${periodOf(sql`at`)}, name, label, sum(count), sum(sum), min(least), max(most)
    from measures
    where grain = ${from} and at >= ${periodOf(sql`now() - ${since}::interval`)}
    group by 2, 3, 4
    on conflict (grain, at, name, label) do update set
      count = excluded.count, sum = excluded.sum, least = excluded.least, most = excluded.most
    where (known.count, known.sum, known.least, known.most)
      is distinct from (excluded.count, excluded.sum, excluded.least, excluded.most)`;
}
