import type { Context } from "@/server/process/context";
import { type DiskUse, diskUse } from "@/server/services/health";
import { databaseVolume } from "./database-volume";

export interface KnownDisk extends DiskUse {
  /** `data`: DATA_DIR's; `database`: PostgreSQL's, which may be the same. */
  readonly disk: "data" | "database";
}

/** The disks that can be looked at from here. */
export async function knownDisks(ctx: Context): Promise<KnownDisk[]> {
  const volume = await databaseVolume(ctx);
  return await Promise.all([
    diskUse(ctx).then((use): KnownDisk => ({ disk: "data", ...use })),
    ...(volume === null ? [] : [diskUse(ctx, volume).then((use): KnownDisk => ({ disk: "database", ...use }))]),
  ]);
}
