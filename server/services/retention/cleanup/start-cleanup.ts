import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { cleanupKey, type Fence, getJob, insertJob, startJob, UNFENCED } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import type { CleanupInput } from "../contract";

/**
 * Starts a cleanup, and audits who started it. A dry run can run beside any job and is not audited.
 * @param options.joinKey as for startJob
 * @param options.fence of the job that starts it
 * @throws AppError CONFLICT that names a running cleanup or restore of the same table, UNPROCESSABLE
 */
export async function startCleanup(
  ctx: Context,
  principal: Principal,
  input: CleanupInput,
  { joinKey, fence = UNFENCED }: { joinKey?: string; fence?: Fence } = {},
): Promise<Job> {
  if (input.dry_run) return await startJob(ctx, "cleanup", input, { principal, joinKey });
  const options = { principal, joinKey, exclusiveKey: cleanupKey(input.task_type) };
  const id = await ctx.db.sql.begin(async (tx) => {
    await fence.check(tx);
    const job = await insertJob(tx, "cleanup", input, options);
    if (job.isNew) await recordAudit(ctx, principal, "cleanup.start", { job_id: job.id, ...job.params }, tx);
    return job.id;
  });
  return await getJob(ctx, id);
}
