import { statfs } from "node:fs/promises";
import path from "node:path";
import { causeCode } from "@/server/lib/errors";
import { withTimeout } from "@/server/lib/within";
import type { Context } from "@/server/process/context";

/** The time to wait for stored settings before the configured ones are used. */
const SETTINGS_TIMEOUT_MS = 1000;

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

/** Returns the threshold of the alert rule. An unavailable PostgreSQL is reported by its own check. */
export async function diskLimit(ctx: Context): Promise<number> {
  const configured = ctx.config.alerts.diskUsage;
  try {
    const changed = ctx.db.health<{ threshold: number | null }[]>`
      select threshold from alert_rules where rule = 'disk_usage'`;
    const [rule] = await withTimeout(changed, SETTINGS_TIMEOUT_MS, () => new Error("no answer in time"));
    return rule?.threshold ?? configured;
  } catch {
    return configured;
  }
}
