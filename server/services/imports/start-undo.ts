import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import { cleanupKey, getJob, insertJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import type { ImportRecord } from "./contract";
import { getImport } from "./list";

/**
 * Starts the undo of an import, and audits who requested it. A stopped undo continues.
 * @throws AppError NOT_FOUND; CONFLICT when it has been undone, or when a cleanup, restore or undo of the same table is
 * running
 */
export async function startUndo(ctx: Context, principal: Principal, importId: number): Promise<Job> {
  const record = await findUndoable(ctx, importId);
  const params = { import_id: importId, table: record.table };
  const id = await ctx.db.sql.begin(async (tx) => {
    const job = await insertJob(tx, "undo_import", params, {
      principal,
      joinKey: String(importId),
      exclusiveKey: cleanupKey(record.table),
    });
    if (job.isNew) {
      await tx`update imports set undo_job_id = ${job.id}, undone_by = ${principal.name} where id = ${importId}`;
      await recordAudit(ctx, principal, "import.undo", undoDetails(record, job.id), tx);
    }
    return job.id;
  });
  return await getJob(ctx, id);
}

/** Returns the import if it can be undone. @throws AppError NOT_FOUND; CONFLICT when it has been undone */
export async function findUndoable(ctx: Context, importId: number): Promise<ImportRecord> {
  const record = await getImport(ctx, importId);
  if (record.status === "undone") throw new AppError("import.already_undone", { id: importId });
  return record;
}

/** The details of an undo in the audit log. */
export function undoDetails({ import_id, table, file_name, source, inserted }: ImportRecord, jobId: string) {
  return { job_id: jobId, import_id, table, file_name, source, inserted };
}
