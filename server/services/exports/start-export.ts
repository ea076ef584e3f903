import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { startJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { type ExportInput, exportInput } from "./contract";
import { checkExport } from "./preview-export";
import { tooManyRows } from "./too-many-rows";

/**
 * Starts an export, or returns an equal running one.
 * @throws AppError UNPROCESSABLE for an invalid value and for more rows than the limit, with the limit; UNAVAILABLE
 * when the disk has not enough space for the file
 */
export async function startExport(ctx: Context, principal: Principal, input: ExportInput): Promise<Job> {
  const params = exportInput.parse(input);
  const preview = await checkExport(ctx, params);
  if (preview?.over_limit) throw tooManyRows(preview.limit);
  if (preview?.fits_disk === false) {
    throw new AppError("export.no_space", {}, { retryAfter: 60 });
  }
  const entries = Object.entries({ ...params, filters: Object.entries(params.filters).sort() });
  const joinKey = JSON.stringify(entries.sort(([a], [b]) => a.localeCompare(b)));
  const job = await startJob(ctx, "export", params, { principal, joinKey });
  await recordAudit(ctx, principal, "export.start", { job_id: job.job_id, ...params });
  return job;
}
