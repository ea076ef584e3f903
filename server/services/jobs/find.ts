import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { jobs } from "@/server/db/schema";
import { openCursor, sealCursor } from "@/server/lib/cursor";
import { AppError } from "@/server/lib/errors";
import { type Context, type Principal, readPrincipalKey } from "@/server/process/context";
import { JOB_KINDS, type Job, type JobPage, type JobsQuery } from "./contract";
import { toJob } from "./record";

/** Returns a job by id. @throws AppError NOT_FOUND */
export async function getJob(ctx: Context, id: string): Promise<Job> {
  const [row] = await ctx.db.read.select().from(jobs).where(eq(jobs.id, id));
  if (!row) throw new AppError("job.not_found", {});
  return toJob(row);
}

/** Returns the requester of a job, without the permissions at that time. @throws AppError NOT_FOUND */
export async function requesterOf(ctx: Context, id: string): Promise<Omit<Principal, "role">> {
  const [row] = await ctx.db.sql<{ key: string; name: string }[]>`
    select requester as key, requested_by as name from jobs where id = ${id}`;
  if (!row) throw new AppError("job.not_found", {});
  return { ...readPrincipalKey(row.key), name: row.name };
}

/**
 * Lists jobs, newest first; without `kind` those that users request.
 * @throws AppError BAD_REQUEST for a cursor of another list
 */
export async function listJobs(ctx: Context, { kind, status, limit, cursor }: JobsQuery): Promise<JobPage> {
  const scope = JSON.stringify(["jobs", kind ?? null, status ?? null]);
  const [createdAt, id] = cursor === undefined ? [] : openCursor(ctx.secret, scope, cursor);
  const rows = await ctx.db.read
    .select()
    .from(jobs)
    .where(
      and(
        kind ? eq(jobs.kind, kind) : inArray(jobs.kind, JOB_KINDS),
        status && eq(jobs.status, status),
        createdAt === undefined
          ? undefined
          : sql`(${jobs.createdAt}, ${jobs.id}) < (${createdAt}::timestamptz, ${id}::uuid)`,
      ),
    )
    .orderBy(desc(jobs.createdAt), desc(jobs.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit).map(toJob);
  const last = items.at(-1);
  return {
    items,
    next_cursor: rows.length > limit && last ? sealCursor(ctx.secret, scope, [last.created_at, last.job_id]) : null,
  };
}
