import type postgres from "postgres";
import type { Context } from "@/server/process/context";

/** Retention of each grain, in days. */
export const RETENTION_DAYS = { minute: 2, slot: 2, hour: 90, day: 3 * 365 } as const;

/**
 * Aggregates minutes into five-minute slots and hours, and hours into days of APP_TIMEZONE, and deletes expired rows.
 * Idempotent, so it can run at any time and any number of times. The near reach exceeds the hour for which missed
 * minutes can still be filled in.
 * @param reach how far back; `far` covers a period in which it did not run
 */
export async function rollUpMetrics(ctx: Context, reach: "near" | "far"): Promise<void> {
  const { timeZone } = ctx.config;
  await addUp(ctx, "minute", "slot", reach === "far" ? "46 hours" : "75 minutes", timeZone);
  await addUp(ctx, "minute", "hour", reach === "far" ? "46 hours" : "3 hours", timeZone);
  await addUp(ctx, "hour", "day", reach === "far" ? "88 days" : "2 days", timeZone);
  for (const [grain, days] of Object.entries(RETENTION_DAYS)) {
    await ctx.db.sql`delete from metrics where grain = ${grain} and at < now() - make_interval(days => ${days}::int)`;
  }
  await ctx.db.sql`delete from alerts where state = 'resolved' and resolved_at < now() - interval '180 days'`;
  await ctx.db.sql`
    delete from alert_deliveries where next_attempt_at is null and created_at < now() - interval '30 days'`;
}

/** @param since how far back; older rows have not changed */
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
    insert into metrics as known (grain, at, name, label, count, sum, min, max)
    select ${to}, ${periodOf(sql`at`)}, name, label, sum(count), sum(sum), min(min), max(max)
    from metrics
    where grain = ${from} and at >= ${periodOf(sql`now() - ${since}::interval`)}
    group by 2, 3, 4
    on conflict (grain, at, name, label) do update set
      count = excluded.count, sum = excluded.sum, min = excluded.min, max = excluded.max
    where (known.count, known.sum, known.min, known.max)
      is distinct from (excluded.count, excluded.sum, excluded.min, excluded.max)`;
}
