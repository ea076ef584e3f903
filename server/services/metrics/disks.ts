import type { z } from "zod";
import type { Context } from "@/server/process/context";
import { type DiskUse, diskUse } from "@/server/services/health";
import type { disk } from "./contract";
import { databaseVolume } from "./database-volume";

export interface KnownDisk extends DiskUse {
  readonly disk: z.infer<typeof disk>;
}

/** The disks that this process can measure. */
export async function knownDisks(ctx: Context): Promise<KnownDisk[]> {
  const volume = await databaseVolume(ctx);
  return await Promise.all([
    diskUse(ctx).then((use): KnownDisk => ({ disk: "data", ...use })),
    ...(volume === null ? [] : [diskUse(ctx, volume).then((use): KnownDisk => ({ disk: "database", ...use }))]),
  ]);
}
