import type { Context, Principal } from "@/server/process/context";
import { cancelJob, hasEnded, waitForJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { withErrorTextIfAny } from "./error-texts";
import { localeOf } from "./locale";

const DEFAULT_WAIT_SECONDS = 10;
const MAX_WAIT_SECONDS = 60;

/**
 * Responds to a request that started `job`: 200 with the job once it has ended, or 202 with the job's URL if it takes
 * longer than `Prefer: wait=N` (seconds; default 10, at most 60) or the caller disconnects.
 */
export async function jobResponse(ctx: Context, request: Request, { job_id }: Pick<Job, "job_id">): Promise<Response> {
  return answerOf(await waitForJob(ctx, job_id, waitOf(request)), request);
}

/** Responds to a request to cancel a job: 200 with the cancelled job, or 202 as in jobResponse. @throws as cancelJob */
export async function cancelResponse(
  ctx: Context,
  request: Request,
  principal: Principal,
  id: string,
): Promise<Response> {
  return answerOf(await cancelJob(ctx, id, principal, waitOf(request)), request);
}

function answerOf(job: Job, request: Request): Response {
  const answer = withErrorTextIfAny(job, localeOf(request));
  const headers = { "Cache-Control": "no-store" };
  if (hasEnded(job)) return Response.json(answer, { headers });
  const location = `/api/v1/batch-processing/jobs/${job.job_id}`;
  return Response.json(answer, { status: 202, headers: { ...headers, Location: location } });
}

/** Returns the caller's wait preference (RFC 7240). An invalid preference is ignored. */
function waitOf(request: Request): { seconds: number; signal: AbortSignal } {
  const wanted = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(request.headers.get("prefer") ?? "")?.[1];
  const seconds = wanted === undefined ? DEFAULT_WAIT_SECONDS : Math.min(Number(wanted), MAX_WAIT_SECONDS);
  return { seconds, signal: request.signal };
}
