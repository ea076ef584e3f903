import { AppError, causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { reportDamage } from "./damage";
import { FilesNeeded } from "./files-needed";
import { availableFile, localFile } from "./local-file";
import type { Segment } from "./segment";
import { DamagedFile } from "./verify-file";

/** Seconds. */
const RETRY_AFTER = 15;

/**
 * Returns the path of a local file with the rows of a segment. Its checksum is verified at first use, and again after
 * the file changed. Files of an object store are fetched into a cache of limited size.
 * @param signal ends the wait for it
 * @throws AppError columnar.segment_damaged: the caller determines the coverage again, once; files.* if the store is
 * unavailable: the caller reads from PostgreSQL
 */
export async function segmentFile(ctx: Context, segment: Segment, signal?: AbortSignal): Promise<string> {
  return await withDamageReport(ctx, segment, () => localFile(ctx, segment, signal));
}

/**
 * Like segmentFile, for several segments and without a download.
 * @throws FilesNeeded if files must be fetched first
 */
export async function availableSegmentFiles(ctx: Context, segments: readonly Segment[]): Promise<string[]> {
  const files = await Promise.all(
    segments.map((segment) => withDamageReport(ctx, segment, () => availableFile(ctx, segment))),
  );
  const missing = segments.filter((_, index) => files[index] === undefined);
  if (missing.length > 0) {
    throw new FilesNeeded({
      files: missing,
      fetch: (signal) => Promise.all(missing.map((segment) => segmentFile(ctx, segment, signal))),
      explain: () => new AppError("columnar.files_not_fetched", {}, { retryAfter: RETRY_AFTER }),
    });
  }
  return files.flatMap((file) => file ?? []);
}

async function withDamageReport<T>(ctx: Context, segment: Segment, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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
