import type { Context } from "@/server/process/context";
import { type DiskUse, diskUse } from "@/server/services/health";
import { databaseVolume } from "./database-volume";

export interface KnownDisk extends DiskUse {
  /** `data`: the disk of DATA_DIR; `database`: the disk of PostgreSQL, which may be the same. */
  readonly disk: "data" | "database";
}

/** The disks that this process can measure. */
export async function knownDisks(ctx: Context): Promise<KnownDisk[]> {
  const volume = await databaseVolume(ctx);
  return await Promise.all([
    diskUse(ctx).then((use): KnownDisk => ({ disk: "data", ...use })),
    ...(volume === null ? [] : [diskUse(ctx, volume).then((use): KnownDisk => ({ disk: "database", ...use }))]),
  ]);
}
