import type { Context, Principal } from "@/server/context";
import { recordAudit } from "@/server/services/audit";
import { cleanupKey, type Job, type JobInput, startJob } from "@/server/services/jobs";

/**
 * Starts a cleanup. A dry run may go beside anything.
 * @throws AppError CONFLICT that names the cleanup or restore of the same table under way, UNPROCESSABLE
 */
export async function startCleanup(ctx: Context, principal: Principal, input: JobInput<"cleanup">): Promise<Job> {
  const exclusiveKey = input.dry_run ? undefined : cleanupKey(input.task_type);
  const job = await startJob(ctx, "cleanup", input, { principal, exclusiveKey });
  if (!input.dry_run) await recordAudit(ctx, principal, "cleanup.start", { job_id: job.job_id, ...job.params });
  return job;
}
