import type { Context } from "@/server/context";
import { hasEnded, type Job, waitForJob } from "@/server/services/jobs";

const DEFAULT_WAIT_SECONDS = 10;
const MOST_WAIT_SECONDS = 60;

/**
 * The answer to a request that started or cancelled `job`: 200 with the job once it has ended, or 202 with where to
 * ask for it when that takes longer than `Prefer: wait=N` (seconds; default 10, at most 60) or the caller leaves.
 */
export async function jobResponse(ctx: Context, request: Request, { job_id }: Pick<Job, "job_id">): Promise<Response> {
  const job = await waitForJob(ctx, job_id, waitOf(request));
  const headers = { "Cache-Control": "no-store" };
  if (hasEnded(job)) return Response.json(job, { headers });
  const location = `/api/v1/batch-processing/jobs/${job_id}`;
  return Response.json(job, { status: 202, headers: { ...headers, Location: location } });
}

/** How long the caller wants to wait, as RFC 7240 has it; a preference that makes no sense is no preference. */
function waitOf(request: Request): { seconds: number; signal: AbortSignal } {
  const wanted = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec(request.headers.get("prefer") ?? "")?.[1];
  const seconds = wanted === undefined ? DEFAULT_WAIT_SECONDS : Math.min(Number(wanted), MOST_WAIT_SECONDS);
  return { seconds, signal: request.signal };
}
