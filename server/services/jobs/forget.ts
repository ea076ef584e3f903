import type { Context } from "@/server/process/context";

/** Runs of scheduled tasks come every few minutes; what people asked for is kept long enough to look back at. */
const KEPT_DAYS = { scheduled: 30, others: 365 };

/** Deletes the records of jobs that ended long ago. @returns how many */
export async function forgetOldJobs(ctx: Context): Promise<number> {
  const gone = await ctx.db.sql`
    delete from jobs
    where finished_at < now() - make_interval(days =>
      case kind when 'scheduled_task' then ${KEPT_DAYS.scheduled}::int else ${KEPT_DAYS.others}::int end)`;
  return gone.count;
}
