import type { Context } from "@/server/process/context";

/** Runs of scheduled tasks are frequent; jobs requested by users are retained longer. */
const RETENTION_DAYS = { scheduled: 30, others: 365 };

/** Deletes the records of jobs that ended long ago. @returns the number of deleted records */
export async function deleteOldJobs(ctx: Context): Promise<number> {
  const deleted = await ctx.db.sql`
    delete from jobs
    where finished_at < now() - make_interval(days =>
      case kind when 'scheduled_task' then ${RETENTION_DAYS.scheduled}::int else ${RETENTION_DAYS.others}::int end)`;
  return deleted.count;
}
