import { statfs } from "node:fs/promises";
import path from "node:path";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

export interface DiskUse {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** 0 to 1. */
  readonly used: number;
}

/** Usage of the disk that contains `folder`, by default DATA_DIR. Free space is what this process can still write. */
export async function diskUse(ctx: Context, folder = ctx.config.dataDir): Promise<DiskUse> {
  const { blocks, bavail, bsize } = await statOf(folder);
  return {
    totalBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    used: blocks === 0 ? 0 : 1 - bavail / blocks,
  };
}

/** DATA_DIR is created on first use; until then its parent's disk is measured. */
async function statOf(folder: string): Promise<{ blocks: number; bavail: number; bsize: number }> {
  try {
    return await statfs(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    if (causeCode(error) !== "ENOENT" || parent === folder) throw error;
    return statOf(parent);
  }
}
