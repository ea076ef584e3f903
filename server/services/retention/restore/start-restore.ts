import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { cleanupKey, startJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { findArchive } from "../archives/records";
import type { RestoreInput } from "../contract";
import { readRestoreParams } from "./params";

/**
 * Starts a restore of an archive, or of its rows from start_date to end_date.
 * @throws AppError NOT_FOUND, UNPROCESSABLE, CONFLICT that names a running cleanup or restore of the same table
 */
export async function startRestore(ctx: Context, principal: Principal, input: RestoreInput): Promise<Job> {
  const archive = await findArchive(ctx.db.sql, input.archive_id);
  const { keepUntil } = await readRestoreParams(ctx, input);
  const { table, month, store } = archive;
  const params = { ...input, keep_until: input.keep_until ?? keepUntil, table, month };
  const job = await startJob(ctx, "restore", params, { principal, exclusiveKey: cleanupKey(table), store });
  await recordAudit(ctx, principal, "restore.start", { job_id: job.job_id, ...job.params });
  return job;
}
