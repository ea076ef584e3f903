import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { BatchOrigin } from "../batch";

/**
 * The time of records without one: the file's modification time if it is storable, truncated to seconds as in HTTP's
 * Last-Modified, so that a file is the same whether it is uploaded or read locally; otherwise now.
 */
export function undatedTime(
  ctx: Pick<Context, "now">,
  lastModified: Date | undefined,
): Pick<BatchOrigin, "receivedAt" | "isFileTime"> {
  const year = lastModified?.getUTCFullYear();
  if (!lastModified || !year || year < FIRST_YEAR || year > LAST_YEAR) {
    return { receivedAt: instantOf(ctx.now()), isFileTime: false };
  }
  return { receivedAt: instantOf(new Date(Math.floor(lastModified.getTime() / 1000) * 1000)), isFileTime: true };
}
