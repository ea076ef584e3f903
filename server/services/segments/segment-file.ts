import path from "node:path";
import { AppError, causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { cachedFile } from "./cached-file";
import { reportDamage } from "./damage";
import type { Segment } from "./segment";
import { DamagedFile, verifyFile } from "./verify-file";

/**
 * Returns the path of a local file with the rows of a segment. Its checksum is verified at first use, and again after
 * the file changed. Files of an object store are fetched into a cache of limited size.
 * @throws AppError columnar.segment_damaged: the caller determines the coverage again, once; files.* if the store is
 * unavailable: the caller reads from PostgreSQL
 */
export async function segmentFile(ctx: Context, segment: Segment): Promise<string> {
  const store = await ctx.files.of(segment.store);
  try {
    if (store.target.kind === "s3") return await cachedFile(ctx, store, segment);
    const file = path.join(store.target.folder, segment.path);
    await verifyFile(file, segment);
    return file;
  } catch (error) {
    if (!isDamage(error)) throw error;
    // A disk that is not mounted is not damage.
    await store.check();
    throw await reportDamage(ctx, segment, error);
  }
}

const DAMAGE: readonly string[] = ["ENOENT", "ENOTDIR", "ELOOP", "EISDIR", "EIO"];

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedFile) return true;
  if (error instanceof AppError) return error.code === "files.missing";
  return DAMAGE.includes(causeCode(error) ?? "");
}
