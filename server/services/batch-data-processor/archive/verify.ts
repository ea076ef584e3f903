import { jobProblemText } from "@/server/catalog/job-problem";
import type { Context } from "@/server/context";
import { causeCode } from "@/server/errors";
import { placeOf, readThrough } from "./files";
import { type Archive, findArchive, recordVerified } from "./records";

export interface ArchiveCheck {
  readonly id: string;
  readonly ok: boolean;
  /** What is wrong, for people; null where all is well. */
  readonly problem: string | null;
  readonly rows: number | null;
}

/**
 * Reads an archive's file from beginning to end: its checksum, its compression, every record, how many there are.
 * What it finds is kept with the archive.
 * @throws AppError NOT_FOUND, CONFLICT
 */
export async function verifyArchive(ctx: Context, id: string): Promise<ArchiveCheck> {
  const archive = await findArchive(ctx.db.sql, id);
  const problem = await problemOf(ctx, archive);
  await recordVerified(ctx.db.sql, id, problem);
  return { id, ok: problem === null, problem, rows: problem === null ? archive.rowCount : null };
}

/** What is wrong with an archive's file, or null. */
export async function problemOf(ctx: Context, archive: Archive): Promise<string | null> {
  const { file } = placeOf(ctx, archive.path);
  try {
    const { rows, sha256 } = await readThrough(file);
    if (sha256 !== archive.sha256) return jobProblemText("archive_checksum");
    if (rows !== archive.rowCount) return jobProblemText("archive_rows", { rows, expected: archive.rowCount });
    return null;
  } catch (error) {
    const code = causeCode(error);
    if (code === "ENOENT") return jobProblemText("archive_missing");
    if (error instanceof SyntaxError || code?.startsWith("Z_")) return jobProblemText("archive_unreadable");
    throw error;
  }
}
