import type { Context, Principal } from "@/server/process/context";
import { problemOf } from "@/server/services/archive-files";
import { recordAudit } from "@/server/services/audit";
import type { ArchiveCheck } from "../contract";
import { findArchive, recordVerified } from "./records";

/**
 * Verifies an archive's file: checksum, compression, every record and their number. The result is stored with the
 * archive and, with the principal, in the audit log.
 * @throws AppError NOT_FOUND, CONFLICT, UNAVAILABLE when the file cannot be read at the moment
 */
export async function verifyArchive(ctx: Context, principal: Principal, id: string): Promise<ArchiveCheck> {
  const archive = await findArchive(ctx.db.sql, id);
  const problem = await problemOf(ctx, archive);
  await ctx.db.sql.begin(async (tx) => {
    await recordVerified(tx, archive, problem);
    await recordAudit(ctx, principal, "archive.verify", { archive_id: id, file: archive.path, problem }, tx);
  });
  return { id, ok: problem === null, problem, rows: problem === null ? archive.rowCount : null };
}
