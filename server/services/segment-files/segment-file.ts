import { AppError, causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { reportDamage } from "./damage";
import { localFile } from "./local-file";
import type { Segment } from "./segment";
import { DamagedFile } from "./verify-file";

/**
 * Returns the path of a local file with the rows of a segment. Its checksum is verified at first use, and again after
 * the file changed. Files of an object store are fetched into a cache of limited size.
 * @throws AppError columnar.segment_damaged: the caller determines the coverage again, once; files.* if the store is
 * unavailable: the caller reads from PostgreSQL
 */
export async function segmentFile(ctx: Context, segment: Segment): Promise<string> {
  try {
    return await localFile(ctx, segment);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // A disk that is not mounted is not damage.
    await (await ctx.files.of(segment.store)).check();
    throw await reportDamage(ctx, segment, error);
  }
}

const DAMAGE: readonly string[] = ["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "EIO"];

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true;
  if (error instanceof AppError) return error.code === "files.missing";
  return DAMAGE.includes(causeCode(error) ?? "");
}
