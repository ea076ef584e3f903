import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { AppError, causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { DamagedFile } from "@/server/services/segment-files";
import type { StoredArchive } from "./files";
import { readThrough } from "./read-archive";

/** The problem of an archive's file, or null. */
export async function problemOf(
  ctx: Context,
  archive: StoredArchive & { readonly rowCount: number },
): Promise<ErrorValue | null> {
  try {
    const { rows, sha256 } = await readThrough(ctx, archive);
    if (sha256 !== archive.sha256) return errorValue("archive.checksum_differs", {});
    if (rows !== archive.rowCount) return errorValue("archive.row_count_differs", { rows, expected: archive.rowCount });
    return null;
  } catch (error) {
    const problem = damageOf(error);
    if (problem === null) throw error;
    return problem;
  }
}

const INVALID_UTF8 = "ERR_ENCODING_INVALID_ENCODED_DATA";

/** The damage that an error while reading an archive's file indicates; null when the file may be intact. */
export function damageOf(error: unknown): ErrorValue | null {
  if (error instanceof AppError) return codedDamage(error);
  if (error instanceof DamagedFile) return errorValue("archive.checksum_differs", {});
  const code = causeCode(error);
  const isUnreadable = error instanceof SyntaxError || code?.startsWith("Z_") || code === INVALID_UTF8;
  return isUnreadable ? errorValue("archive.file_unreadable", {}) : null;
}

function codedDamage({ code }: AppError): ErrorValue | null {
  if (code === "files.missing") return errorValue("archive.file_missing", {});
  return code === "columnar.file_damaged" ? errorValue("archive.file_unreadable", {}) : null;
}
