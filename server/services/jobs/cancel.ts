import { errorValue } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { isPermitted } from "@/server/services/accounts";
import { recordAudit } from "@/server/services/audit";
import type { Job } from "./contract";
import { waitForJob } from "./wait";

/** The failure of a worker is detected after 10 seconds. */
const WAIT_SECONDS = 12;

/**
 * Cancels a job and waits for its end: a queued job ends immediately, a running one within about a second. Cancelling a
 * cancelled job does nothing.
 * @param wait how long; afterwards the job is returned even if it is still running
 * @throws AppError NOT_FOUND, FORBIDDEN for another user's job unless the caller is an administrator, CONFLICT when it
 * had finished before, or finishes anyway because its work was complete
 */
export async function cancelJob(
  ctx: Context,
  id: string,
  principal: Principal,
  wait: { seconds: number; signal?: AbortSignal } = { seconds: WAIT_SECONDS },
): Promise<Job> {
  const [found] = await ctx.db.sql<{ requester: string }[]>`select requester from jobs where id = ${id}`;
  if (!found) throw new AppError("job.not_found", {});
  if (!isPermitted(principal.role, "jobs.cancel-any") && found.requester !== `${principal.kind}:${principal.id}`) {
    throw new AppError("job.not_owner", {});
  }
  const reason = JSON.stringify(errorValue("job.cancelled", { by: principal.name }));
  await ctx.db.sql.begin(async (tx) => {
    const [cancelled] = await tx<{ kind: string; requested_by: string }[]>`
      update jobs
      set
        status = case status when 'queued' then 'cancelled' else status end,
        finished_at = case status when 'queued' then now() end,
        error = case status when 'queued' then ${reason}::text::jsonb end,
        cancel_requested_at = now(),
        cancelled_by = ${principal.name},
        join_key = null
      where id = ${id} and status in ('queued', 'running') and cancel_requested_at is null
      returning kind, requested_by`;
    if (cancelled) await recordAudit(ctx, principal, "job.cancel", { job_id: id, ...cancelled }, tx);
  });
  const job = await waitForJob(ctx, id, wait);
  if (job.status === "completed" || job.status === "failed") {
    throw new AppError("job.already_finished", { status: job.status });
  }
  return job;
}
